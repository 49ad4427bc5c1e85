import type { Cleanup } from '@millrace/e2e'
import type { Comparison, ComparisonResult } from './comparison.ts'

export const partNames = [
  'producer',
  'enricher',
  'sink',
  'log',
  'pipeline',
  'storage',
  'history',
  'scale',
  'back-fill',
  'queries',
] as const
export type PartName = (typeof partNames)[number]

/** A part of the benchmark: makes what it measures, measures it, and says what it found. */
export interface BenchPart {
  /** Under which of these `--only` finds it. */
  readonly names: readonly PartName[]
  run(context: BenchContext): Promise<void>
}

export interface BenchContext {
  /** Tiny counts: shows that everything works, not how fast. */
  readonly isQuick: boolean
  readonly rounds: number
  /** Of the large table that storage, queries and history share. */
  readonly tableEvents: number
  readonly logs: readonly ('embedded' | 'kafka')[]
  readonly wants: (name: PartName) => boolean
  /** Empty, gone at the end. */
  readonly directory: string
  /** Run after the part, in reverse order. */
  readonly cleanup: Cleanup
  readonly signal: AbortSignal
  /** One line of progress. */
  readonly say: (line: string) => void
  /** Measures, reports, and keeps the result for the table. */
  compare(comparison: Comparison): Promise<ComparisonResult>
  /** A table of its own, for what is no comparison of two things. */
  table(table: ResultTable): void
  /** Lines for a plot. */
  plot(plot: ResultPlot): void
  /**
   * What several parts use, made by the first that asks. Its maker gets a context whose directory and cleanup last until the
   * end of the run; the same function gives the same thing.
   */
  shared<T>(make: (context: BenchContext) => Promise<T>): Promise<T>
}

export interface ResultTable {
  readonly title: string
  /** What was measured, and how. */
  readonly method: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
}

export interface ResultPlot {
  /** The file's name without its ending. */
  readonly name: string
  readonly title: string
  readonly x: { readonly title: string; readonly scale?: 'linear' | 'log' }
  readonly y: { readonly title: string; readonly scale?: 'linear' | 'log' }
  readonly points: readonly { readonly series: string; readonly x: number; readonly y: number }[]
}
