import { once } from 'node:events'
import { connect } from 'node:net'
import { aDecodeContext } from '@millrace/protocols/testing'
import { eventRoutes } from '@millrace/intake'
import { afterEach, describe, expect, it } from 'vitest'
import { aServer, closeServers, rawExchange } from './test-http-server.ts'

afterEach(closeServers)

describe('the HTTP side', () => {
  it.each([
    ['text/plain', 'text/plain;charset=UTF-8'],
    ['JSON', 'application/json'],
    ['a form', 'application/x-www-form-urlencoded'],
    ['any type', '*/*'],
    ['what is no media type', 'json'],
    ['no type', undefined],
  ])('hands over the bytes of a body of %s, with its type as sent', async (_, contentType) => {
    const { url, received } = await aServer()
    const body = Buffer.from('{"n":"pagevïew"')
    const headers = contentType === undefined ? {} : { 'content-type': contentType }
    const response = await fetch(`${url}/api/event?a=b%20c`, { method: 'POST', headers, body })
    expect(response.status).toBe(202)
    expect(await response.text()).toBe('ok')
    expect(response.headers.get('x-millrace-receipt')).toBe('3-1200456')
    expect(received[0]).toMatchObject({ method: 'POST', query: 'a=b%20c', peer: '127.0.0.1' })
    expect(received[0]?.body.equals(body)).toBe(true)
    expect(received[0]?.headers['content-type']).toBe(contentType)
  })

  it('puts a body together that comes in pieces', async () => {
    const { port, received } = await aServer()
    const head =
      'POST /api/event HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n'
    const answer = await rawExchange(port, `${head}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1.1 202 /)
    expect(received[0]?.body.toString()).toBe('abcde')
  })

  it('hands over an empty body', async () => {
    const { url, received } = await aServer()
    await fetch(`${url}/api/event`, { method: 'POST' })
    expect(received[0]?.body).toHaveLength(0)
  })

  it('lets scripts of every origin send and read the answer', async () => {
    const { url } = await aServer()
    const response = await fetch(`${url}/api/event`, {
      method: 'POST',
      headers: { origin: 'https://a.example' },
      body: '{}',
    })
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    const exposed = response.headers.get('access-control-expose-headers') ?? ''
    expect(exposed.split(', ')).toEqual(expect.arrayContaining(['x-millrace-receipt', 'x-plausible-dropped']))
  })

  it.each([
    [
      'a preflight',
      {
        origin: 'https://a.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    ],
    ['a bare OPTIONS', {}],
  ])('answers %s with 204', async (_, headers) => {
    const { url } = await aServer()
    const response = await fetch(`${url}/api/event`, { method: 'OPTIONS', headers })
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.get('access-control-allow-methods')).toContain('POST')
    if ('access-control-request-headers' in headers) {
      expect(response.headers.get('access-control-allow-headers')).toBe('content-type')
    }
  })

  it('answers an unknown path with 404, in JSON, and another method with 405', async () => {
    const { url } = await aServer()
    const unknown = await fetch(`${url}/api/evnt`, { method: 'POST', body: '{}' })
    expect([unknown.status, await unknown.json()]).toEqual([
      404,
      { error: expect.objectContaining({ code: 'NOT_FOUND' }) },
    ])
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const response = await fetch(`${url}/api/event?x=1`, { method })
      expect([method, response.status, response.headers.get('allow')]).toEqual([method, 405, 'POST, OPTIONS'])
      expect(await response.json()).toMatchObject({ error: { code: 'METHOD_NOT_ALLOWED' } })
    }
    expect((await fetch(`${url}/readyz`, { method: 'POST' })).headers.get('allow')).toBe('GET, OPTIONS')
  })

  it.each(['/api/event/', '//api/event', '/api//event//?a=b'])(
    'takes %s for the same path without the slashes',
    async (path) => {
      const { url, received } = await aServer()
      expect((await fetch(url + path, { method: 'POST', body: '{}' })).status).toBe(202)
      expect(received[0]?.query).toBe(path.split('?')[1] ?? '')
      const other = await fetch(url + path, { method: 'PUT' })
      expect([other.status, other.headers.get('allow')]).toEqual([405, 'POST, OPTIONS'])
    },
  )

  it('answers a path with broken percent-encoding with 400, in JSON that scripts may read', async () => {
    const { url } = await aServer()
    const response = await fetch(`${url}/api/%zz`, { method: 'POST', body: '{}' })
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: expect.objectContaining({ code: 'BAD_PATH' }) },
    ])
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
  })

  it.each([
    ['announced', { 'content-length': '2000001' }, ''],
    [
      'in pieces',
      { 'transfer-encoding': 'chunked' },
      `${(2_000_001).toString(16)}\r\n${'a'.repeat(2_000_001)}\r\n`,
    ],
  ])('refuses a body that is too large, %s, with 413 and hands nothing over', async (_, headers, body) => {
    const { port, received } = await aServer()
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    const answer = await rawExchange(
      port,
      `POST /api/event HTTP/1.1\r\nHost: a\r\n${lines.join('')}\r\n${body}`,
    )
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
    expect(answer).toContain('"code":"BODY_TOO_LARGE"')
    expect(received).toEqual([])
  })

  it('takes a body of exactly the limit', async () => {
    const { url, received } = await aServer()
    const response = await fetch(`${url}/api/event`, { method: 'POST', body: Buffer.alloc(2_000_000) })
    expect(response.status).toBe(202)
    expect(received[0]?.body).toHaveLength(2_000_000)
  })

  it('refuses one of two bodies that are too much together with 503, and takes the other', async () => {
    const { port, received } = await aServer({ timeouts: { bodyBytesInFlightMax: 1_500_000 } })
    const almost = `POST /api/event HTTP/1.1\r\nHost: a\r\nContent-Length: 1000001\r\n\r\n${'a'.repeat(1_000_000)}`
    const sockets = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
    const answers = sockets.map(async (socket) => {
      socket.on('error', () => undefined)
      socket.write(almost)
      const [data] = (await once(socket, 'data', { signal: AbortSignal.timeout(5_000) })) as [Buffer]
      return { socket, text: data.toString() }
    })
    const first = await Promise.race(answers)
    expect(first.text).toMatch(/^HTTP\/1.1 503 .*retry-after: 2\r\n.*"code":"BODIES_TOO_LARGE"/s)
    for (const socket of sockets) if (socket !== first.socket) socket.write('b')
    const texts = (await Promise.all(answers)).map(({ text }) => text.slice(0, 12))
    expect(texts.toSorted()).toEqual(['HTTP/1.1 202', 'HTTP/1.1 503'])
    expect(received.map(({ body }) => body.length)).toEqual([1_000_001])
    for (const socket of sockets) socket.destroy()
  })

  it('hands nothing over when the sender goes away in the middle of a body', async () => {
    const { port, received, url } = await aServer()
    const socket = connect(port, '127.0.0.1')
    socket.end('POST /api/event HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"n":')
    socket.on('error', () => undefined)
    socket.resume()
    await once(socket, 'close', { signal: AbortSignal.timeout(5_000) })
    await fetch(`${url}/healthz`)
    expect(received).toEqual([])
  })

  it.each([
    ['headers', 'POST /api/event HTTP/1.1\r\nHost: a\r\n'],
    ['body', 'POST /api/event HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab'],
  ])('closes a connection with 408 when not all of the %s comes in time', async (_, bytes) => {
    const { port, received } = await aServer({ timeouts: { headersTimeoutMs: 100, requestTimeoutMs: 200 } })
    expect(await rawExchange(port, bytes)).toMatch(/^HTTP\/1.1 408 /)
    expect(received).toEqual([])
  })

  it('answers what is no HTTP with 400', async () => {
    const { port } = await aServer()
    expect(await rawExchange(port, 'hello\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /)
  })

  it('refuses headers that are too large with 431', async () => {
    const { port } = await aServer()
    const bytes = `GET /healthz HTTP/1.1\r\nHost: a\r\nX-Large: ${'a'.repeat(20_000)}\r\n\r\n`
    expect(await rawExchange(port, bytes)).toMatch(/^HTTP\/1.1 431 /)
  })

  it('answers a failure of its own with 500 and tells nothing of it', async () => {
    const { url } = await aServer({ accept: () => Promise.reject(new Error('secret detail')) })
    const response = await fetch(`${url}/api/event`, { method: 'POST', body: '{}' })
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('secret')
  })

  it('says whether it lives and whether it is ready, and why not', async () => {
    const reasons: Record<string, string> = {}
    const notes: Record<string, string> = {}
    const { url } = await aServer({ readiness: () => Promise.resolve({ reasons, notes }) })
    const ask = async (path: string) => {
      const response = await fetch(`${url}${path}`)
      return [response.status, await response.text()]
    }
    expect(await ask('/healthz')).toEqual([200, 'ok\n'])
    expect(await ask('/readyz')).toEqual([200, '{"status":"ready"}'])
    expect(await ask('/api/health')).toEqual([200, '{"log":"ok","sites_cache":"ok"}'])
    expect(await ask('/api/error')).toEqual([200, ''])
    notes.spill = 'spilling, 12 % full'
    expect(await ask('/readyz')).toEqual([200, '{"status":"ready","notes":{"spill":"spilling, 12 % full"}}'])
    delete notes.spill
    reasons.log = 'not connected yet'
    expect(await ask('/healthz')).toEqual([200, 'ok\n'])
    expect(await ask('/readyz')).toEqual([
      503,
      '{"status":"not ready","reasons":{"log":"not connected yet"}}',
    ])
    expect(await ask('/api/health')).toEqual([500, '{"log":"not connected yet","sites_cache":"ok"}'])
  })

  it('counts requests by route and status, and never by the path that was asked for', async () => {
    const { url } = await aServer()
    for (const path of ['/nothing/1', '/nothing/2', '/healthz']) await fetch(`${url}${path}`)
    await fetch(`${url}/api/event?x=1`, { method: 'POST', body: '{}' })
    const text = await (await fetch(`${url}/metrics`)).text()
    expect(text).toContain('millrace_http_requests_total{route="unmatched",status="404"} 2')
    expect(text).toContain('millrace_http_requests_total{route="/api/event",status="202"} 1')
    expect(text).toContain('millrace_http_request_duration_seconds_count 1')
    expect(text).not.toContain('nothing')
  })

  it('describes itself as OpenAPI 3.1, with the examples it takes', async () => {
    const { url } = await aServer()
    const response = await fetch(`${url}/openapi.json`)
    expect(response.headers.get('content-type')).toContain('application/json')
    const document = (await response.json()) as {
      openapi: string
      paths: Record<
        string,
        Record<
          string,
          { requestBody: { content: Record<string, { examples: Record<string, { value: unknown }> }> } }
        >
      >
    }
    expect(document.openapi).toBe('3.1.0')
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(['/api/event', '/healthz', '/readyz', '/metrics']),
    )
    expect(eventRoutes.map(({ document }) => Object.keys(document.examples).length)).not.toContain(0)
    for (const route of eventRoutes) {
      for (const { type, body: sent, query = '', headers = {} } of Object.values(route.document.examples)) {
        const body = Buffer.from(typeof sent === 'string' ? sent : JSON.stringify(sent))
        const request = { method: 'POST', query, headers: { 'content-type': type, ...headers }, body }
        expect(route.decode(request, aDecodeContext())).toMatchObject({ ok: true })
      }
    }
  })
})
