import type { LoadClient } from './client/load-client.ts'
import { checkedAgainstLog } from './log-check.ts'
import type { OfferedLoad } from './offered-load.ts'
import type { LoadSizes } from './saturation.ts'
import type { EventServer } from './servers.ts'

/** An open loop needs more connections than are answered at once, or its requests wait for one. */
const connectionsPerSaturated = 4

/** A server at a fixed rate. Above what it can take it may refuse; what it accepts must be in its log all the same. */
export async function measureOffered(
  server: EventServer,
  options: {
    readonly client: LoadClient
    readonly sizes: LoadSizes
    readonly share: number
    /** Requests a second. */
    readonly rate: number
  },
): Promise<OfferedLoad> {
  const { client, sizes, share, rate } = options
  const load = {
    port: server.port,
    pids: [server.pid],
    connections: sizes.connections * connectionsPerSaturated,
    warmUpMs: sizes.warmUpMs / 2,
    measureMs: sizes.measureMs * 0.8,
    rate,
  }
  const { result } = await checkedAgainstLog(
    server,
    () => client.run(load),
    ({ total }) => total.events,
  )
  const { accepted, seconds, latencyMs } = result.stretch
  return { server: server.name, share, offered: rate, achieved: accepted / seconds, latencyMs }
}
