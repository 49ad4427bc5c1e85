import { expect, it } from 'vitest'
import { encodeRequest, GeneratedRequests } from './generated-requests.ts'

const aRequest = { protocol: 'plausible', headers: { 'x-a': '1' }, events: 1, visitor: 1 } as const

it('a request with a body says its length in bytes', () => {
  const encoded = encodeRequest({ ...aRequest, method: 'POST', path: '/api/event', body: '{"é":1}' })
  expect(encoded.toString()).toBe(
    'POST /api/event HTTP/1.1\r\nhost: 127.0.0.1\r\nx-a: 1\r\ncontent-length: 8\r\n\r\n{"é":1}',
  )
})

it('a request without a body ends with its head', () => {
  const encoded = encodeRequest({ ...aRequest, method: 'GET', path: '/a?b=c', body: '' })
  expect(encoded.toString()).toBe('GET /a?b=c HTTP/1.1\r\nhost: 127.0.0.1\r\nx-a: 1\r\n\r\n')
})

it('traffic goes on from one preparation to the next', () => {
  const once = new GeneratedRequests()
  once.prepare({ traffic: { seed: 1 }, requests: 20 })
  const twice = new GeneratedRequests()
  const first = twice.prepare({ traffic: { seed: 1 }, requests: 10 })
  const begin = twice.encoded
  twice.prepare({ requests: 10 })
  expect([...begin, ...twice.encoded]).toEqual(once.encoded)
  expect(first.requests).toBe(10)
  expect(first.events).toBeGreaterThanOrEqual(10)
  expect(first.bytes).toBe(begin.reduce((sum, { bytes }) => sum + bytes.length, 0))
})

it('there is nothing to go on with before traffic was given', () => {
  expect(() => new GeneratedRequests().prepare({ requests: 1 })).toThrow('no traffic')
})
