import type { BenchContext } from '../../core/bench-part.ts'
import type { Contender } from '../../core/comparison.ts'
import type { Sample } from '../../core/sample.ts'
import type { LoadClient } from './client/load-client.ts'
import type { LoadResult } from './client/load.ts'
import { checkedAgainstLog } from './log-check.ts'
import type { EventServer } from './servers.ts'

/** What a load of the producer's part takes. */
export interface LoadSizes {
  readonly connections: number
  readonly warmUpMs: number
  readonly measureMs: number
  /** Different ones, sent over and over. A server that answered as many has compiled what it uses often. */
  readonly requests: number
}

export function sizesOf({ isQuick }: Pick<BenchContext, 'isQuick'>): LoadSizes {
  return isQuick
    ? { connections: 16, warmUpMs: 200, measureMs: 300, requests: 500 }
    : { connections: 128, warmUpMs: 1_000, measureMs: 3_000, requests: 20_000 }
}

const warmUpLoadsMax = 10

/** Before the first round, so that it is one as the others. */
export async function warmUp(server: EventServer, client: LoadClient, sizes: LoadSizes): Promise<void> {
  const load = {
    port: server.port,
    connections: sizes.connections,
    warmUpMs: 0,
    measureMs: sizes.warmUpMs,
    pids: [],
  }
  for (let [answered, loads] = [0, 0]; answered < sizes.requests && loads < warmUpLoadsMax; loads++) {
    const { total } = await client.run(load)
    answered += total.accepted
  }
}

/** A server under as many requests as it can take. */
export function saturated(server: EventServer, client: LoadClient, sizes: LoadSizes): Contender {
  const { connections, warmUpMs, measureMs } = sizes
  const load = { port: server.port, pids: [server.pid], connections, warmUpMs, measureMs }
  return {
    name: server.name,
    measure: async () => {
      const { result, surplus } = await checkedAgainstLog(
        server,
        () => client.run(load),
        ({ total }) => total.events,
      )
      return sampleOf(result, surplus)
    },
  }
}

/** @throws Error when something was refused: the figures would be those of refusals */
export function sampleOf({ total, statuses, stretch }: LoadResult, surplus: number): Sample {
  if (statuses[202] !== total.accepted || total.refused > 0) {
    throw new Error(`not every answer was 202: ${JSON.stringify(statuses)}`)
  }
  if (stretch.accepted === 0) throw new Error('no request was answered in time')
  const [cpuSeconds = 0] = stretch.cpuSeconds
  const [residentMib = 0] = stretch.residentMib
  return {
    events: stretch.accepted,
    seconds: stretch.seconds,
    cpuSeconds,
    residentMib,
    latencyMs: stretch.latencyMs,
    more: {
      'server CPU %': (100 * cpuSeconds) / stretch.seconds,
      'client CPU %': (100 * stretch.clientCpuSeconds) / stretch.seconds,
      ...(surplus > 0 ? { 'records appended twice': surplus } : {}),
    },
  }
}
