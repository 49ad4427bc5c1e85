import type { Latency } from '../../../core/sample.ts'

/** What the client is to do: a warm-up, then the stretch that is measured, then it waits for what is not answered yet. */
export interface Load {
  readonly port: number
  readonly connections: number
  /** Requests a second, sent when they are due; undefined: the next one as soon as the one before is answered. */
  readonly rate?: number
  readonly warmUpMs: number
  readonly measureMs: number
  /** Whose CPU time and memory are read at both ends of the stretch. */
  readonly pids: readonly number[]
}

export interface LoadResult {
  /** Of the whole load, warm-up and end with it. */
  readonly total: Counts
  /** Answers by status, of the whole load. */
  readonly statuses: Readonly<Record<number, number>>
  /** Of the stretch. */
  readonly stretch: Counts & {
    readonly seconds: number
    /** From when a request was due (open loop) or sent (closed loop) until its answer was there. */
    readonly latencyMs: Latency
    /** In the order of the pids. */
    readonly cpuSeconds: readonly number[]
    readonly residentMib: readonly number[]
    /** Of the client itself. */
    readonly clientCpuSeconds: number
  }
}

export interface Counts {
  /** Answers of the 200s. */
  readonly accepted: number
  /** Other answers. */
  readonly refused: number
  /** That the accepted requests stand for. */
  readonly events: number
}

/** An end of the stretch, as it comes. */
export interface StretchEdge {
  readonly edge: 'begin' | 'end'
  readonly soFar: Counts
}
