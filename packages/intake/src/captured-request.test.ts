import { aDecodeContext } from '@millrace/protocols/testing'
import { describe, expect, it } from 'vitest'
import { readCapturedRequest, type CaptureProblem } from './captured-request.ts'
import { eventRoutes } from './event-routes.ts'

const rules = { routes: eventRoutes, bodyBytesMax: 200, now: Date.UTC(2026, 10, 21, 12) }
const aCapture = {
  received_at: '2026-08-09T10:11:12Z',
  method: 'POST',
  path: '/api/event',
  headers: { 'User-Agent': 'a browser' },
  body: '{"n":"pageview"}',
  ip: '81.2.69.142',
}
const read = (changes: object = {}) =>
  readCapturedRequest(Buffer.from(JSON.stringify({ ...aCapture, ...changes })), rules)
const request = (changes: object = {}) => {
  const captured = read(changes)
  if (!captured.ok) throw new Error(captured.message)
  return captured.request
}

describe('readCapturedRequest', () => {
  it('gives the request as the producer would have had it, with the time of its receipt', () => {
    expect(read()).toEqual({
      ok: true,
      route: eventRoutes[0],
      receivedAt: Date.UTC(2026, 7, 9, 10, 11, 12),
      request: {
        method: 'POST',
        query: '',
        headers: { 'user-agent': 'a browser' },
        body: Buffer.from('{"n":"pageview"}'),
        peer: '81.2.69.142',
      },
    })
  })

  it('takes the query from the path', () => {
    expect(request({ path: '/api/event?a=1&b=?' }).query).toBe('a=1&b=?')
  })

  it.each(['/api/event/', '//api/event', '/api//event//?a=b'])(
    'knows %s as the route without the slashes, as it is taken live',
    (path) => {
      expect(read({ path })).toMatchObject({ ok: true, route: { path: '/api/event' } })
    },
  )

  const inQuery = 'api_token=t0ken&_method=post&contact_uid=1&event_uid=a%26b'
  it.each([
    ['GET', `/v1/track/event?${inQuery}`, inQuery],
    ['get', `/v1/track/event?${inQuery}`, inQuery],
    ['POST', '/v1/track/event', ''],
    ['POST', '/v1/batch?api_token=t0ken', 'api_token=t0ken'],
  ])('reads %s %s, with the method and query as the decoder gets them live', (method, path, query) => {
    const captured = read({ method, path, body: undefined })
    expect(captured).toMatchObject({ ok: true, request: { method: method.toUpperCase(), query } })
    expect(captured.ok && captured.route.path).toBe(path.split('?')[0])
  })

  it('replays a call that was made with GET', () => {
    const captured = read({ method: 'GET', path: `/v1/track/event?${inQuery}`, body: undefined, headers: {} })
    if (!captured.ok) throw new Error(captured.message)
    expect(captured.route.decode(captured.request, aDecodeContext())).toMatchObject({
      ok: true,
      events: [{ sites: ['example.com'], name: 'a&b', visitorId: '1' }],
    })
  })

  it.each([
    ['text', { body: 'é' }, Buffer.from('é')],
    ['an object as its JSON text', { body: { n: 'pageview' } }, Buffer.from('{"n":"pageview"}')],
    ['bytes in base64', { body: undefined, body_base64: '/wA=' }, Buffer.from([0xff, 0])],
    ['none', { body: null }, Buffer.alloc(0)],
  ])('reads a body that is %s', (_, changes, body) => {
    expect(request(changes).body).toEqual(body)
  })

  it.each([
    ['names in any case', { 'X-A': '1' }, { 'x-a': '1' }],
    ['numbers', { 'Content-Length': 7 }, { 'content-length': '7' }],
    [
      'repeats, joined',
      { 'X-Forwarded-For': ['1.1.1.1', '2.2.2.2'] },
      { 'x-forwarded-for': '1.1.1.1, 2.2.2.2' },
    ],
    ['names that differ in case only', { 'X-A': '1', 'x-a': '2' }, { 'x-a': '1, 2' }],
    ['repeats of what Node keeps once', { 'User-Agent': ['first', 'second'] }, { 'user-agent': 'first' }],
    ['no value', { 'X-A': [] }, {}],
  ])('reads headers with %s', (_, given, headers) => {
    expect(request({ headers: given }).headers).toEqual(headers)
  })

  it('keeps a header called __proto__ away from every object', () => {
    const line = Buffer.from(JSON.stringify(aCapture).replace('"User-Agent"', '"__proto__"'))
    const captured = readCapturedRequest(line, rules)
    expect(captured.ok && captured.request.headers['user-agent']).toBe(undefined)
    expect(({} as Record<string, unknown>)['user-agent']).toBe(undefined)
  })

  const refused: [title: string, changes: object, cause: CaptureProblem, message: RegExp][] = [
    ['no time', { received_at: undefined }, 'bad_time', /received_at: expected/],
    ['no method', { method: undefined }, 'bad_field', /^method: /],
    ['another method', { method: 'PUT' }, 'unknown_route', /nothing takes PUT \/api\/event/],
    ['another path', { path: '/wp-login.php' }, 'unknown_route', /nothing takes POST \/wp-login.php/],
    ['a path with a host', { path: 'https://a.example/api/event' }, 'bad_field', /^path: /],
    ['headers that are a list', { headers: [] }, 'bad_field', /^headers: /],
    ['a body that is a number', { body: 1 }, 'bad_field', /^body: /],
    ['two bodies', { body_base64: 'AA==' }, 'bad_field', /not both/],
    ['a body that is not base64', { body: undefined, body_base64: '!' }, 'bad_field', /^body_base64: /],
    ['a large body', { body: 'x'.repeat(201) }, 'body_too_large', /200 bytes/],
    ['no address', { ip: undefined }, 'bad_field', /^ip: /],
    ['a name for an address', { ip: 'localhost' }, 'bad_field', /ip: expected an IP address/],
  ]
  it.each(refused)('refuses %s', (_, changes, cause, message) => {
    expect(read(changes)).toEqual({ ok: false, cause, message: expect.stringMatching(message) as string })
  })

  it.each([
    ['no JSON', Buffer.from('{')],
    ['a list', Buffer.from('[]')],
    ['null', Buffer.from('null')],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])],
  ])('refuses %s', (_, line) => {
    expect(readCapturedRequest(line, rules)).toMatchObject({ ok: false, cause: 'not_json' })
  })
})
