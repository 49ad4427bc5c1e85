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
/** A run takes a tenth of a second; a bug may make it endless. */
const seedMsMax = 120_000
const threadMegabytesMax = 1_024

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
  const settle = (report: SeedReport) => {
    add(total, report)
    onReport(total, report)
  }
  await Promise.all(Array.from({ length: Math.min(workers, seeds) }, () => workThrough(take, settle)))
  return total
}

/** Runs seeds until none is left, each in the thread of the one before. */
async function workThrough(
  take: () => number | undefined,
  settle: (report: SeedReport) => void,
): Promise<void> {
  let thread = new SeedThread()
  for (let seed = take(); seed !== undefined; seed = take()) {
    try {
      settle(await thread.run(seed))
    } catch (error) {
      settle({ seed, failure: `seed ${seed}: ${String(error)}`, counts: {}, hits: [], consequences: [] })
      await thread.end()
      thread = new SeedThread()
    }
  }
  await thread.end()
}

/** A worker thread that runs one seed at a time. */
class SeedThread {
  readonly #worker = new Worker(new URL('./seed-worker.js', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: threadMegabytesMax },
  })

  /** Rejects when the run does not end, or ends its thread. */
  run(seed: number): Promise<SeedReport> {
    const worker = this.#worker
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        reject(new Error('the run does not end'))
      }, seedMsMax)
      worker.removeAllListeners()
      worker.once('message', (report: SeedReport) => {
        clearTimeout(late)
        resolve(report)
      })
      worker.once('error', (error) => {
        clearTimeout(late)
        reject(error)
      })
      worker.postMessage(seed)
    })
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }
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
