import type { Store } from '@millrace/clickhouse'
import type { Latency } from '../../core/sample.ts'
import type { LoadClient } from '../producer/client/load-client.ts'
import type { LoadResult } from '../producer/client/load.ts'
import { latencyOf } from '../producer/client/percentiles.ts'
import { isSustained } from './load-steps.ts'
import { Probes } from './probes.ts'
import type { RunningPipeline } from './running-pipeline.ts'
import { storedRate } from './stored-rate.ts'
import { awaitStored, storedRows, watchStored } from './stored.ts'

/** What a pipeline did at one offered load; rates are events a second. */
export interface Step {
  readonly offered: number
  readonly accepted: number
  readonly stored: number
  readonly isSustained: boolean
  /** Accepted and not stored when the load ended. */
  readonly waiting: number
  readonly answerMs: Latency
  readonly freshnessMs: Latency
  readonly probes: number
  /** Of each process, in the pipeline's order. */
  readonly cpuMicrosPerEvent: readonly number[]
  readonly residentMib: readonly number[]
  /** Client, probes and their queries: what of one core measuring took. */
  readonly generatorShare: number
}

export interface StepSizes {
  readonly connections: number
  readonly warmUpMs: number
  readonly measureMs: number
}

/** Requests beyond what is due, so that none is sent twice: a repeated event may be dropped as one. */
const spareShare = 1.3

/**
 * Offers a load to an idle pipeline, and waits until it is idle again.
 * @param options.site that nothing else was sent to
 * @throws Error when what is stored at the end is not what was accepted
 */
export async function measureStep(options: {
  readonly pipeline: RunningPipeline
  readonly client: LoadClient
  readonly store: Store
  readonly sizes: StepSizes
  /** Events a second. */
  readonly offered: number
  /** About; it differs from stretch to stretch of the traffic. */
  readonly eventsPerRequest: number
  readonly site: string
}): Promise<Step> {
  const { pipeline, client, store, sizes, offered, eventsPerRequest, site } = options
  const seconds = (sizes.warmUpMs + sizes.measureMs) / 1000
  const prepared = await client.prepare({
    requests: Math.ceil((offered / eventsPerRequest) * seconds * spareShare),
  })
  const rate = (offered * prepared.requests) / prepared.events
  const before = await storedRows(store)
  const watch = new StretchWatch(store)
  const probes = new Probes({ site, port: pipeline.httpPort, store })
  try {
    const result = await client.run(
      { ...sizes, port: pipeline.httpPort, rate, pids: pipeline.processes.map(({ pid }) => pid) },
      ({ edge, soFar }) => watch.edge(edge, before + soFar.events),
    )
    const probed = await probes.stop()
    await awaitStored(store, {
      expected: before + result.total.events + probed.accepted,
      anyRefused: result.total.refused + probed.refused > 0,
    })
    return stepOf(
      { offered, rate },
      { ...result, ...(await watch.result()), freshnessMs: probed.freshnessMs },
    )
  } catch (error) {
    probes.cancel()
    await watch.cancel()
    throw error
  }
}

function stepOf(
  { offered, rate }: { readonly offered: number; readonly rate: number },
  found: LoadResult & {
    readonly waiting: number
    readonly stored: number
    readonly cpuSeconds: number
    readonly freshnessMs: readonly number[]
  },
): Step {
  const { stretch, waiting, stored, cpuSeconds, freshnessMs } = found
  const accepted = stretch.events / stretch.seconds
  return {
    offered,
    accepted,
    stored,
    isSustained: isSustained({
      acceptedShare: stretch.accepted / (rate * stretch.seconds),
      accepted,
      waiting,
    }),
    waiting,
    answerMs: stretch.latencyMs,
    freshnessMs: latencyOf(freshnessMs),
    probes: freshnessMs.length,
    cpuMicrosPerEvent: stretch.cpuSeconds.map((cpu) => (cpu * 1e6) / stretch.events),
    residentMib: stretch.residentMib,
    generatorShare: (stretch.clientCpuSeconds + cpuSeconds) / stretch.seconds,
  }
}

/** Looks at the table while the stretch that is measured lasts. */
class StretchWatch {
  readonly #store: Store
  #watching: ReturnType<typeof watchStored> | undefined
  #found: Promise<{ waiting: number; stored: number }> | undefined
  #cpu = process.cpuUsage()

  constructor(store: Store) {
    this.#store = store
  }

  /** @param expected rows that there would be if nothing waited; a few probes are not among them */
  edge(edge: 'begin' | 'end', expected: number): void {
    if (edge === 'begin') {
      this.#cpu = process.cpuUsage()
      this.#watching = watchStored(this.#store)
      return
    }
    this.#cpu = process.cpuUsage(this.#cpu)
    this.#found = this.#end(expected)
    this.#found.catch(() => undefined) // `result` tells of it
  }

  async result(): Promise<{ waiting: number; stored: number; cpuSeconds: number }> {
    if (this.#found === undefined) throw new Error('the stretch has not ended')
    const { user, system } = this.#cpu
    return { ...(await this.#found), cpuSeconds: (user + system) / 1e6 }
  }

  async cancel(): Promise<void> {
    await this.#watching?.stop().catch(() => undefined)
  }

  async #end(expected: number): Promise<{ waiting: number; stored: number }> {
    const rows = await storedRows(this.#store)
    const readings = (await this.#watching?.stop()) ?? []
    return { waiting: Math.max(0, expected - rows), stored: storedRate(readings) }
  }
}
