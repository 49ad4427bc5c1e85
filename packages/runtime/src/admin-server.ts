import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Metrics } from './metrics.ts'

export interface AdminServer {
  readonly port: number
  close(): Promise<void>
}

/** Serves /healthz, /readyz and /metrics of a service that has no HTTP side of its own. */
export async function serveAdmin(options: {
  readonly host: string
  readonly port: number
  readonly metrics: Metrics
  /** Undefined when ready, else what it waits for. */
  readonly notReady: () => string | undefined
}): Promise<AdminServer> {
  const answers: Record<string, () => Promise<[number, string]>> = {
    '/healthz': () => Promise.resolve([200, 'ok\n']),
    '/readyz': () => {
      const reason = options.notReady()
      return Promise.resolve(reason === undefined ? [200, 'ready\n'] : [503, `${reason}\n`])
    },
    '/metrics': async () => [200, await options.metrics.registry.metrics()],
  }
  const server = createServer((request, response) => {
    const answer = answers[request.url ?? '']
    if (answer === undefined) {
      response.writeHead(404).end()
      return
    }
    answer().then(
      ([status, body]) =>
        response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4' }).end(body),
      () => response.writeHead(500).end(),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}
