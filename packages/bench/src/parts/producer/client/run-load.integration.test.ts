import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { Cleanup } from '@millrace/e2e'
import type { Load } from './load.ts'
import { runLoad } from './run-load.ts'

const bytes = Buffer.from('POST /api/event HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}')

describe('a load', () => {
  const cleanup = new Cleanup()
  afterEach(() => cleanup.run())

  it('counts every answer, and the events of those that were accepted', async () => {
    let answered = 0
    const port = await serve((_request, response) => {
      answered++
      if (answered % 10 === 0) response.writeHead(503, { 'content-length': 0 }).end()
      else response.writeHead(202, { 'content-length': 2 }).end('ok')
    })
    const { total, stretch, statuses } = await run({ port, connections: 3 })
    expect(total.accepted + total.refused).toBe(answered)
    expect(total.refused).toBe(Math.floor(answered / 10))
    expect(total.events).toBe(2 * total.accepted)
    expect(statuses).toEqual({ 202: total.accepted, 503: total.refused })
    expect(stretch.accepted).toBeGreaterThan(0)
    expect(stretch.accepted).toBeLessThan(total.accepted)
    expect([stretch.cpuSeconds.length, stretch.residentMib.length]).toEqual([1, 1])
  })

  it('at a fixed rate offers that rate, whatever the server does', async () => {
    const port = await serve(ok)
    const { total, stretch } = await run({ port, connections: 4, rate: 400 })
    const expected = (stretch.seconds + 0.1) * 400
    expect(total.accepted).toBeGreaterThan(expected * 0.9)
    expect(total.accepted).toBeLessThan(expected * 1.3)
  })

  it('measures from when a request was due, also while none could be sent', async () => {
    const port = await serve((incoming, response) => {
      setTimeout(() => ok(incoming, response), 50)
    })
    // One connection takes 20 a second; 100 are due.
    const { stretch } = await run({ port, connections: 1, rate: 100 })
    expect(stretch.latencyMs.p50).toBeGreaterThan(300)
    const unhurried = await run({ port, connections: 50, rate: 100 })
    expect(unhurried.stretch.latencyMs.p50).toBeLessThan(200)
    expect(unhurried.stretch.latencyMs.p50).toBeGreaterThanOrEqual(49)
  })

  it('fails when a connection breaks', async () => {
    const port = await serve((incoming) => incoming.socket.destroy())
    await expect(run({ port, connections: 2 })).rejects.toThrow(/connection|ECONNRESET/)
  })

  async function serve(listener: RequestListener): Promise<number> {
    const server = createServer(listener)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    cleanup.defer(() => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    })
    return (server.address() as AddressInfo).port
  }
})

const ok: RequestListener = (_request, response) => {
  response.writeHead(202, { 'content-length': 2 }).end('ok')
}

function run(given: Pick<Load, 'port' | 'connections' | 'rate'>) {
  return runLoad(
    { ...given, warmUpMs: 100, measureMs: 500, pids: [process.pid] },
    [{ bytes, events: 2 }],
    () => undefined,
  )
}
