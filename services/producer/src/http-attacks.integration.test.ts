import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { aServer, closeServers, rawExchange } from './test-http-server.ts'

const sockets: Socket[] = []

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await closeServers()
})

async function anOpenSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  sockets.push(socket)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

/** What the other side sends until it closes, and after how long. */
async function readToEnd(socket: Socket): Promise<{ text: string; ms: number }> {
  const startedAt = performance.now()
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
  if (!socket.closed) await once(socket, 'close', { signal: AbortSignal.timeout(15_000) })
  return { text, ms: performance.now() - startedAt }
}

const head = (...lines: string[]) => ['POST /api/event HTTP/1.1', 'Host: a', ...lines, '', ''].join('\r\n')
const sound = (body = '{}') => `${head(`Content-Length: ${String(Buffer.byteLength(body))}`)}${body}`

describe('a slow client', () => {
  const timeouts = { headersTimeoutMs: 500, requestTimeoutMs: 1_000 }
  it.each([
    ['headers', '', head('X-Long: '.padEnd(10_000, 'x')), timeouts.headersTimeoutMs],
    ['body', head('Content-Length: 10000'), 'x'.repeat(10_000), timeouts.requestTimeoutMs],
    [
      'chunked body',
      head('Transfer-Encoding: chunked'),
      '1\r\nx\r\n'.repeat(2_000),
      timeouts.requestTimeoutMs,
    ],
  ])(
    'that sends its %s byte by byte is cut off with 408, and others are served meanwhile',
    async (_, first, slowly, msMin) => {
      const { port, url, received } = await aServer({ timeouts })
      const socket = await anOpenSocket(port)
      socket.write(first)
      let next = 0
      const dripping = setInterval(() => socket.write(slowly[next++] ?? ''), 20)
      const ended = readToEnd(socket)
      const others = [0, 1, 2].map(() => fetch(`${url}/api/event`, { method: 'POST', body: '{}' }))
      for (const other of await Promise.all(others)) expect(other.status).toBe(202)
      const { text, ms } = await ended
      clearInterval(dripping)
      expect(text).toMatch(/^HTTP\/1.1 408 /)
      expect(ms).toBeGreaterThan(msMin - 100)
      expect(received).toHaveLength(3)
    },
  )

  it('that says nothing at all is cut off too, and two hundred of them keep nobody out', async () => {
    const { port, url } = await aServer({ timeouts: { ...timeouts, connectionsMax: 1_000 } })
    const silent = await Promise.all(Array.from({ length: 200 }, () => anOpenSocket(port)))
    const ends = silent.map(readToEnd)
    expect((await fetch(`${url}/api/event`, { method: 'POST', body: '{}' })).status).toBe(202)
    for (const { text } of await Promise.all(ends)) expect(text).toMatch(/^HTTP\/1.1 408 |^$/)
  })

  it('that keeps its connection idle after an answer is closed', async () => {
    const { port } = await aServer({ timeouts: { keepAliveTimeoutMs: 200 } })
    const socket = await anOpenSocket(port)
    socket.write(sound())
    expect((await readToEnd(socket)).text).toMatch(/^HTTP\/1.1 202 /)
  })
})

it('opens no more connections than CONNECTIONS_MAX, and takes new ones when some have gone', async () => {
  const { port, server } = await aServer({ timeouts: { connectionsMax: 5 } })
  const held = await Promise.all(Array.from({ length: 5 }, () => anOpenSocket(port)))
  await vi.waitFor(async () => {
    const count = await new Promise((resolve) => server.server.getConnections((_, open) => resolve(open)))
    expect(count).toBe(5)
  })
  const refused = await anOpenSocket(port)
  refused.write(sound())
  expect((await readToEnd(refused)).text).toBe('')
  for (const socket of held) socket.destroy()
  await vi.waitFor(async () => {
    expect(await rawExchange(port, sound().replace('Host', 'Connection: close\r\nHost'))).toMatch(/ 202 /)
  })
})

describe('pipelined requests', () => {
  it('are answered each, in their order', async () => {
    const { port, received } = await aServer()
    const bodies = Array.from({ length: 500 }, (_, index) => `{"n":${String(index)}}`)
    const last = 'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
    const text = await rawExchange(port, bodies.map((body) => sound(body)).join('') + last)
    expect(text.match(/HTTP\/1.1 202 /g)).toHaveLength(500)
    expect(text).toMatch(/ok\n$/)
    expect(received.map(({ body }) => body.toString())).toEqual(bodies)
  })

  it('keep the answers of those before one that is no HTTP', async () => {
    const { port, received } = await aServer()
    const text = await rawExchange(port, `${sound()}${sound()}nonsense\r\n\r\n${sound()}`)
    expect(text.match(/HTTP\/1.1 (\d+)/g)?.at(-1)).toBe('HTTP/1.1 400')
    // The fault ends the connection before the bodies are handled; their sender is known all the same.
    expect(received.map(({ peer }) => peer)).toEqual(['127.0.0.1', '127.0.0.1'])
  })
})

describe('a compressed body', () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000))
  it.each([
    ['gzip', gzipSync('{}')],
    ['GZIP', gzipSync('{}')],
    ['x-gzip', gzipSync('{}')],
    ['br', brotliCompressSync('{}')],
    ['deflate', deflateSync('{}')],
    ['gzip, gzip', gzipSync(gzipSync('{}'))],
    ['zstd', Buffer.from('{}')],
    ['gzip', bomb],
  ])('of the encoding %s is refused with 415 before it is read', async (encoding, body) => {
    const { port, received } = await aServer()
    const lines = [`Content-Encoding: ${encoding}`, `Content-Length: ${String(body.length)}`]
    const answer = await rawExchange(port, Buffer.concat([Buffer.from(head(...lines)), body]))
    expect(answer).toMatch(/^HTTP\/1.1 415 .*"code":"CONTENT_ENCODING"/s)
    expect(answer).toMatch(/accept-encoding: identity\r\n/)
    expect(answer).toMatch(/access-control-allow-origin: \*\r\n/)
    expect(received).toEqual([])
  })

  it('that is not compressed after all is taken', async () => {
    const { url, received } = await aServer()
    const headers = { 'content-encoding': 'identity' }
    expect((await fetch(`${url}/api/event`, { method: 'POST', headers, body: '{}' })).status).toBe(202)
    expect(received[0]?.body.toString()).toBe('{}')
  })
})

describe('a request whose end could be read in two ways', () => {
  const smuggled = sound('{"n":"smuggled"}')
  it.each<[string, string]>([
    ['a length and chunks', `${head('Content-Length: 6', 'Transfer-Encoding: chunked')}0\r\n\r\n${smuggled}`],
    ['chunks and a length', `${head('Transfer-Encoding: chunked', 'Content-Length: 6')}0\r\n\r\n${smuggled}`],
    ['two lengths', `${head('Content-Length: 0', 'Content-Length: 5')}${smuggled}`],
    ['a length that is no number', `${head('Content-Length: 0x10')}${smuggled}`],
    ['a negative length', `${head('Content-Length: -1')}${smuggled}`],
    ['chunks under another name', `${head('Transfer-Encoding: xchunked')}0\r\n\r\n${smuggled}`],
    ['chunks that are not last', `${head('Transfer-Encoding: chunked, identity')}0\r\n\r\n${smuggled}`],
    ['a chunk size that is none', `${head('Transfer-Encoding: chunked')}zz\r\n\r\n${smuggled}`],
    ['a chunk longer than it says', `${head('Transfer-Encoding: chunked')}1\r\nabc\r\n0\r\n\r\n${smuggled}`],
    ['a blank before the colon', `${head('Content-Length : 5')}${smuggled}`],
    ['a line break within a header', `${head('X-A: a\rContent-Length: 5')}${smuggled}`],
    ['a NUL byte in a header', `${head('X-A: a\0b')}${smuggled}`],
    ['a folded header', `${head('X-A: a', ' Content-Length: 5')}${smuggled}`],
  ])('%s: is refused with 400, and what follows is not read', async (_, bytes) => {
    const { port, received, metrics } = await aServer()
    const answer = await rawExchange(port, bytes)
    expect(answer).toMatch(/HTTP\/1.1 400 Bad Request\r\n[^]*connection: close\r\n/)
    expect(answer).toContain('"code":"NOT_HTTP"')
    expect(await metrics.registry.metrics()).toContain('{route="unreadable",status="400"} 1')
    expect(received.map(({ body }) => body.toString())).not.toContain('{"n":"smuggled"}')
  })
})

describe('other odd requests', () => {
  it.each<[string, string, RegExp]>([
    ['an unknown method', 'BREW /api/event HTTP/1.1\r\nHost: a\r\n\r\n', / 400 /],
    ['a tunnel', 'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n', /^$/],
    [
      'an expectation nobody can meet',
      head('Expect: tea', 'Content-Length: 0', 'Connection: close'),
      / 417 /,
    ],
    ['no host', 'GET /healthz HTTP/1.1\r\n\r\n', / 400 /],
    ['an upgrade', head('Connection: Upgrade, close', 'Upgrade: websocket', 'Content-Length: 0'), / 202 /],
    ['a path of 40,000 bytes', `GET /${'a'.repeat(40_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, / 431 /],
    [
      '2,000 headers',
      head(...Array.from({ length: 2_000 }, (_, index) => `x${String(index)}: aaaaa`)),
      / 431 /,
    ],
    ['a path with a broken escape', 'GET /%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', / 40[04] /],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', / 400 /],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', / 400 /],
  ])('%s', async (_, bytes, expected) => {
    const { port, url } = await aServer()
    expect(await rawExchange(port, bytes)).toMatch(expected)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
  })

  it('of a client that never reads its answers do not fill the memory', async () => {
    const { port, url } = await aServer()
    const socket = await anOpenSocket(port)
    socket.pause()
    const ask = Buffer.from('GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(1_000))
    const before = process.memoryUsage().rss
    for (let sent = 0; sent < 20 && socket.write(ask); sent++) await sleep(1)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000)
  })
})
