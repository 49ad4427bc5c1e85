import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { FaultKind } from './machine/faults.ts'
import type { Consequence } from './promises/consequences.ts'

export interface SeedRange {
  readonly from: number
  readonly seeds: number
  readonly workers: number
}

/** What one run tells of itself across threads. */
export interface SeedReport {
  readonly seed: number
  /** Text of a run that broke a promise. */
  readonly failure: string | undefined
  readonly counts: Readonly<Record<string, number>>
  readonly hits: readonly (readonly [FaultKind, number])[]
  readonly consequences: readonly (readonly [Consequence, number])[]
}

export interface RangeReport {
  seeds: number
  readonly failures: SeedReport[]
  readonly counts: Map<string, number>
  readonly hits: Map<FaultKind, number>
  readonly consequences: Map<Consequence, number>
}

export const workersDefault = availableParallelism()

/** Runs the seeds on worker threads, the next one wherever a thread is free. */
export async function runSeeds(
  { from, seeds, workers }: SeedRange,
  onReport: (total: RangeReport, report: SeedReport) => void,
): Promise<RangeReport> {
  const total: RangeReport = {
    seeds: 0,
    failures: [],
    counts: new Map(),
    hits: new Map(),
    consequences: new Map(),
  }
  let next = from
  const take = (): number | undefined => (next < from + seeds ? next++ : undefined)
  const runWorker = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./seed-worker.js', import.meta.url))
      const send = () => {
        const seed = take()
        if (seed === undefined) void worker.terminate().then(() => resolve(), reject)
        else worker.postMessage(seed)
      }
      worker.on('error', reject)
      worker.on('message', (report: SeedReport) => {
        add(total, report)
        onReport(total, report)
        send()
      })
      send()
    })
  await Promise.all(Array.from({ length: Math.min(workers, seeds) }, runWorker))
  return total
}

function add(total: RangeReport, report: SeedReport): void {
  total.seeds++
  if (report.failure !== undefined) total.failures.push(report)
  count(total.counts, Object.entries(report.counts))
  count(total.hits, report.hits)
  count(total.consequences, report.consequences)
}

function count<Key>(into: Map<Key, number>, counts: readonly (readonly [Key, number])[]): void {
  for (const [key, found] of counts) into.set(key, (into.get(key) ?? 0) + found)
}
