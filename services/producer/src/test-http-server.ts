import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { eventRoutes, type ReceivedRequest } from '@millrace/intake'
import { createLogger, Metrics } from '@millrace/runtime'
import type { FastifyInstance } from 'fastify'
import { createHttpServer, type HttpServerOptions } from './http-server.ts'
import { InternalEvents } from './internal-events.ts'

const servers: FastifyInstance[] = []

/** Closes what `aServer` has started since. */
export async function closeServers(): Promise<void> {
  for (const server of servers.splice(0)) await server.close()
}

/** The HTTP side alone on a free port; what it hands over is kept and answered with 202. */
export async function aServer(
  changes: Partial<HttpServerOptions> & { readonly timeouts?: Partial<HttpServerOptions['limits']> } = {},
) {
  const received: ReceivedRequest[] = []
  const metrics = new Metrics()
  const logger = createLogger({ name: 'test', level: 'silent' })
  const server = createHttpServer({
    routes: eventRoutes,
    accept: (_route, request) => {
      received.push(request)
      return Promise.resolve({
        status: 202,
        contentType: 'text/plain; charset=utf-8',
        body: 'ok',
        headers: { 'x-millrace-receipt': '3-1200456' },
      })
    },
    readiness: () => Promise.resolve({ reasons: {}, notes: {} }),
    metricsText: () => metrics.registry.metrics(),
    internalEvents: new InternalEvents({ logger, metrics, backlogFill: () => 0 }),
    ...changes,
    limits: {
      bodyBytesMax: 2_000_000,
      bodyBytesInFlightMax: 4_000_000,
      headerBytesMax: 16_384,
      headersTimeoutMs: 10_000,
      requestTimeoutMs: 10_000,
      keepAliveTimeoutMs: 5_000,
      connectionsMax: 100,
      retryAfterS: 2,
      ...changes.timeouts,
    },
  })
  servers.push(server)
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.server.address() as AddressInfo
  return { server, port, url: `http://127.0.0.1:${String(port)}`, received, metrics }
}

/** Sends bytes as they are and collects what comes back until the other side closes. */
export async function rawExchange(port: number, bytes: string | Buffer): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString()
  })
  socket.on('error', () => undefined)
  socket.write(bytes)
  await once(socket, 'close', { signal: AbortSignal.timeout(10_000) })
  return answer
}
