import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Cleanup, temporaryDirectory } from '@millrace/e2e'
import type { Arguments } from './core/arguments.ts'
import type { BenchContext, BenchPart, ResultPlot, ResultTable } from './core/bench-part.ts'
import { compare, type Comparison, type ComparisonResult } from './core/comparison.ts'
import { svgOf } from './core/plot.ts'
import { markdownOf, shown, spread, type BenchResults } from './core/report.ts'
import { cpuMicrosPerEvent, eventsPerSecond, type Sample } from './core/sample.ts'

/** One run: each wanted part in turn; what is found so far is on disk after each. */
export class BenchRun {
  readonly #given: Arguments
  readonly #about: Pick<BenchResults, 'machine' | 'commit' | 'startedAt' | 'command'>
  readonly #say: (line: string) => void
  readonly #signal: AbortSignal
  readonly #comparisons: ComparisonResult[] = []
  readonly #tables: ResultTable[] = []
  readonly #plots: ResultPlot[] = []
  /** What parts share, by the function that made it. */
  readonly #shared = new Map<unknown, Promise<unknown>>()
  readonly #atTheEnd = new Cleanup()

  constructor(options: {
    readonly given: Arguments
    readonly about: Pick<BenchResults, 'machine' | 'commit' | 'startedAt' | 'command'>
    readonly say: (line: string) => void
    readonly signal: AbortSignal
  }) {
    this.#given = options.given
    this.#about = options.about
    this.#say = options.say
    this.#signal = options.signal
  }

  async run(parts: readonly BenchPart[]): Promise<BenchResults> {
    try {
      for (const part of parts) {
        this.#signal.throwIfAborted()
        if (!part.names.some((name) => this.#given.parts.includes(name))) continue
        try {
          await this.#measure(part)
        } finally {
          await this.#write() // also what a part has found before it failed, or was stopped
        }
      }
    } finally {
      await this.#atTheEnd.run()
    }
    return this.#results()
  }

  async #measure(part: BenchPart): Promise<void> {
    const cleanup = new Cleanup()
    const directory = await temporaryDirectory()
    cleanup.defer(directory.remove)
    try {
      await part.run(this.#context(cleanup, directory.path))
    } finally {
      await cleanup.run()
    }
  }

  #context(cleanup: Cleanup, directory: string): BenchContext {
    const { isQuick, rounds, tableEvents, logs, parts } = this.#given
    return {
      isQuick,
      rounds,
      tableEvents,
      logs,
      directory,
      cleanup,
      wants: (name) => parts.includes(name),
      signal: this.#signal,
      say: this.#say,
      compare: (comparison) => this.#compare(comparison),
      table: (table) => this.#tables.push(table),
      plot: (plot) => this.#plots.push(plot),
      shared: (make) => this.#share(make),
    }
  }

  #share<T>(make: (context: BenchContext) => Promise<T>): Promise<T> {
    const made = this.#shared.get(make) ?? this.#makeForRun(make)
    this.#shared.set(make, made)
    return made as Promise<T>
  }

  async #makeForRun<T>(make: (context: BenchContext) => Promise<T>): Promise<T> {
    const directory = await temporaryDirectory()
    this.#atTheEnd.defer(directory.remove)
    return make(this.#context(this.#atTheEnd, directory.path))
  }

  async #compare(comparison: Comparison): Promise<ComparisonResult> {
    const { part, log } = comparison
    const onSample = (name: string, sample: Sample): void => {
      const rate = shown(eventsPerSecond(sample))
      this.#say(`${part}, ${log}: ${name}: ${rate} events/s, ${shown(cpuMicrosPerEvent(sample))} us CPU each`)
    }
    const result = await compare(comparison, { rounds: this.#given.rounds, onSample, signal: this.#signal })
    for (const { measure, yardstick, ratio } of result.ratios) {
      this.#say(`${part}, ${log}: ${spread(ratio)} of ${yardstick}, ${measure}`)
    }
    this.#comparisons.push(result)
    return result
  }

  #results(): BenchResults {
    return {
      ...this.#about,
      isQuick: this.#given.isQuick,
      comparisons: this.#comparisons,
      tables: this.#tables,
      plots: this.#plots,
    }
  }

  async #write(): Promise<void> {
    const results = this.#results()
    const file = (name: string): string => join(this.#given.directory, name)
    mkdirSync(this.#given.directory, { recursive: true })
    writeFileSync(file('results.json'), `${JSON.stringify(results, undefined, 2)}\n`)
    writeFileSync(file('results.md'), markdownOf(results))
    for (const plot of results.plots) writeFileSync(file(`${plot.name}.svg`), await svgOf(plot))
  }
}
