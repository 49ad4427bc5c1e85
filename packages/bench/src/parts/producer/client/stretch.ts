import { processUsage } from '../../../core/process-usage.ts'
import type { Counts, Load, LoadResult, StretchEdge } from './load.ts'
import { latencyOf } from './percentiles.ts'

/** Counts answers, and takes the readings at both ends of the stretch that is measured. */
export class Stretch {
  readonly #load: Load
  readonly #onEdge: (edge: StretchEdge) => void
  readonly #latencies: number[] = []
  #soFar: Counts = { accepted: 0, refused: 0, events: 0 }
  readonly #statuses: Record<number, number> = {}
  #begin: Reading | undefined
  #end: Reading | undefined

  constructor(load: Load, onEdge: (edge: StretchEdge) => void) {
    this.#load = load
    this.#onEdge = onEdge
  }

  begin(): void {
    this.#begin = this.#read()
    this.#onEdge({ edge: 'begin', soFar: this.#soFar })
  }

  end(): void {
    this.#end = this.#read()
    this.#onEdge({ edge: 'end', soFar: this.#soFar })
  }

  get hasBegun(): boolean {
    return this.#begin !== undefined
  }

  get hasEnded(): boolean {
    return this.#end !== undefined
  }

  /** @param at by `performance.now()` */
  wasDuring(at: number): boolean {
    return this.#begin !== undefined && at >= this.#begin.at && at <= (this.#end?.at ?? Infinity)
  }

  /** @param latencyMs undefined where it does not belong to the stretch */
  answered(
    { status, events }: { readonly status: number; readonly events: number },
    latencyMs: number | undefined,
  ): void {
    const isAccepted = status >= 200 && status < 300
    const { accepted, refused, events: before } = this.#soFar
    this.#statuses[status] = (this.#statuses[status] ?? 0) + 1
    this.#soFar = {
      accepted: accepted + (isAccepted ? 1 : 0),
      refused: refused + (isAccepted ? 0 : 1),
      events: before + (isAccepted ? events : 0),
    }
    if (latencyMs !== undefined) this.#latencies.push(latencyMs)
  }

  result(): LoadResult {
    if (this.#begin === undefined || this.#end === undefined) throw new Error('the stretch has not ended')
    const [begin, end] = [this.#begin, this.#end]
    return {
      total: this.#soFar,
      statuses: this.#statuses,
      stretch: {
        accepted: end.soFar.accepted - begin.soFar.accepted,
        refused: end.soFar.refused - begin.soFar.refused,
        events: end.soFar.events - begin.soFar.events,
        seconds: (end.at - begin.at) / 1000,
        latencyMs: latencyOf(this.#latencies),
        cpuSeconds: end.cpuSeconds.map((seconds, index) => seconds - (begin.cpuSeconds[index] ?? 0)),
        residentMib: end.residentMib,
        clientCpuSeconds: end.clientCpuSeconds - begin.clientCpuSeconds,
      },
    }
  }

  #read(): Reading {
    const usages = this.#load.pids.map(processUsage)
    const { user, system } = process.cpuUsage()
    return {
      at: performance.now(),
      soFar: this.#soFar,
      cpuSeconds: usages.map(({ cpuSeconds }) => cpuSeconds),
      residentMib: usages.map(({ residentMib }) => residentMib),
      clientCpuSeconds: (user + system) / 1e6,
    }
  }
}

interface Reading {
  readonly at: number
  readonly soFar: Counts
  readonly cpuSeconds: readonly number[]
  readonly residentMib: readonly number[]
  readonly clientCpuSeconds: number
}
