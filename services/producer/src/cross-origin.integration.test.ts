import { afterEach, describe, expect, it } from 'vitest'
import { aServer, closeServers, rawExchange } from './test-http-server.ts'

afterEach(closeServers)

const exposed = 'x-millrace-receipt, x-plausible-dropped, retry-after'

describe('every answer', () => {
  it.each([
    ['202', 'POST /api/event', '{}'],
    ['200', 'GET /healthz', ''],
    ['200', 'HEAD /healthz', ''],
    ['503', 'GET /readyz', ''],
    ['404', 'GET /nothing', ''],
    ['405', 'PUT /api/event', ''],
    ['413', 'POST /api/event', 'a'.repeat(2_001)],
    ['500', 'GET /metrics', ''],
  ])('of status %s (%s) may be read by scripts of every origin', async (status, target, body) => {
    const { port } = await aServer({
      readiness: () => Promise.resolve({ reasons: { log: 'gone' }, notes: {} }),
      metricsText: () => Promise.reject(new Error('broken')),
      timeouts: { bodyBytesMax: 2_000 },
    })
    const length = `content-length: ${String(body.length)}`
    const answer = await rawExchange(
      port,
      `${target} HTTP/1.1\r\nhost: a\r\n${length}\r\nconnection: close\r\n\r\n${body}`,
    )
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(answer).toContain('\r\naccess-control-allow-origin: *\r\n')
    expect(answer).toContain(`\r\naccess-control-expose-headers: ${exposed}\r\n`)
    // A header that varies, or credentials, would mean that origins are told apart.
    expect(answer).not.toMatch(/\r\n(vary|access-control-allow-credentials):/)
  })
})

describe('OPTIONS', () => {
  it.each([
    ['an event route', '/api/event'],
    ['an event route with more slashes', '//api/event/?a=b'],
    ['a route of GET', '/healthz'],
    ['the root', '/'],
    ['a path where nothing is', '/nothing'],
    ['the server', '*'],
  ])('of %s is answered as a preflight, unread', async (_, path) => {
    const { port, received, metrics } = await aServer()
    const asked = 'access-control-request-method: POST\r\naccess-control-request-headers: content-type, x-a'
    const answer = await rawExchange(
      port,
      `OPTIONS ${path} HTTP/1.1\r\nhost: a\r\norigin: https://a.example\r\n${asked}\r\nconnection: close\r\n\r\n`,
    )
    const [status, ...headers] = answer.trimEnd().split('\r\n')
    expect(status).toBe('HTTP/1.1 204 No Content')
    expect(headers.filter((header) => !/^(date|connection):/i.test(header)).toSorted()).toEqual([
      'access-control-allow-headers: content-type, x-a',
      'access-control-allow-methods: GET, HEAD, POST, OPTIONS',
      'access-control-allow-origin: *',
      `access-control-expose-headers: ${exposed}`,
      'access-control-max-age: 7200',
      'content-length: 0',
      'vary: Access-Control-Request-Headers',
    ])
    expect(received).toEqual([])
    expect(await metrics.registry.metrics()).toContain('{route="*",status="204"} 1')
  })

  it('that names no headers is allowed none', async () => {
    const { url } = await aServer()
    const { status, headers } = await fetch(`${url}/api/event`, { method: 'OPTIONS' })
    expect(status).toBe(204)
    expect(headers.has('access-control-allow-headers')).toBe(false)
  })
})
