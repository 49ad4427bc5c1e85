import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Decoded, DecodedEvent } from '../decoded.ts'
import { aDecodeContext, onlyEvent } from '../testing.ts'
import type { WireRequest } from '../wire-request.ts'
import { successEveDecoder, type SuccessEveRoute } from './decode.ts'
import { propNameBytesMax, propsMax, propValueBytesMax } from './props.ts'

const routes: readonly SuccessEveRoute[] = [
  'event',
  'pageview',
  'batch',
  'contact',
  'account',
  'element',
  'ping',
]
const names = [
  'contact_uid',
  'unique_id',
  'event_uid',
  'event',
  'name',
  'account_uid',
  'params',
  'created_at',
]
const otherNames = [
  'messageId',
  'display_name',
  'method',
  'api_token',
  'data',
  'encode',
  '_method',
  '__proto__',
]
const paramNames = [
  'visit_url',
  'location',
  'page_title',
  'referrer',
  'visit_agent',
  'visit_ip',
  'account_uid',
]

/** Any UTF-16, lone surrogates and NUL included. */
const anyText = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
})
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  anyText,
  fc.emailAddress(),
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  fc.dictionary(fc.oneof(anyText, fc.constantFrom(...paramNames)), fc.jsonValue({ maxDepth: 2 })),
  fc.constantFrom(
    'pageview',
    'a',
    1,
    null,
    '',
    1_795_262_400,
    '2026-11-21',
    'contact',
    'event',
    'post',
    'base64',
  ),
)
const call = fc
  .dictionary(fc.constantFrom(...names, ...otherNames), value)
  .map((fields) => ({ contact_uid: 'c', event_uid: 'e', ...fields }))
const text = fc.oneof(
  { weight: 4, arbitrary: call.map((fields) => JSON.stringify(fields)) },
  {
    weight: 2,
    arbitrary: fc.array(fc.oneof(call, value), { maxLength: 5 }).map((list) => JSON.stringify(list)),
  },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: anyText },
)
const coded = fc.tuple(text, fc.constantFrom('none', 'base64', 'x')).map(([data, encode]) => ({
  encode,
  data: encode === 'base64' ? Buffer.from(data).toString('base64') : Buffer.from(data).toString(),
}))
const form = fc.oneof(
  coded.map((fields) => new URLSearchParams(fields).toString()),
  fc
    .array(
      fc.tuple(fc.constantFrom(...names, ...otherNames, 'params[a]', 'params[__proto__]', '%'), fc.string()),
    )
    .map((pairs) => pairs.map(([name, given]) => `${name}=${given}`).join('&')),
)
const multipart = fc
  .array(fc.tuple(fc.constantFrom(...names, ...otherNames), fc.oneof(fc.string(), text)))
  .map((parts) =>
    [
      ...parts.map(
        ([name, given]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${given}\r\n`,
      ),
      '--b--\r\n',
    ].join(''),
  )
const contentType = fc.constantFrom(
  'application/json',
  '',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=b',
)
const request: fc.Arbitrary<WireRequest> = fc.record({
  method: fc.constantFrom('POST', 'POST', 'POST', 'GET'),
  query: fc.oneof(fc.constantFrom('', 'api_token=t0ken', 'api_token=t0ken&_method=post'), form, fc.string()),
  headers: fc.record({
    'content-type': fc.oneof(contentType, fc.string()),
    authorization: fc.constantFrom('', 'Basic dDBrZW46', 'Basic dDBrZW46', 'Basic %'),
    'idempotency-key': fc.string(),
    'user-agent': fc.string(),
  }),
  body: fc.oneof(
    { weight: 9, arbitrary: fc.oneof(text, form, multipart).map((given) => Buffer.from(given)) },
    { weight: 1, arbitrary: fc.uint8Array().map((given) => Buffer.from(given)) },
  ),
})

const timeoutMs = 120_000

describe('successEveDecoder', () => {
  it('answers anything with storable events or a refusal, and never throws', { timeout: timeoutMs }, () => {
    const seen = { accepted: 0, malformed: 0, refused: 0 }
    fc.assert(
      fc.property(fc.constantFrom(...routes), request, (route, given) => {
        const decoded = successEveDecoder(route)(given, aDecodeContext())
        if (decoded.ok) {
          seen.accepted += decoded.events.length
          seen.malformed += decoded.events.filter(({ malformed }) => malformed !== undefined).length
          expectStorable(decoded.events)
        } else {
          seen.refused++
          expectRefusal(decoded)
        }
      }),
      { numRuns: 10_000 },
    )
    expect(Math.min(seen.accepted, seen.malformed, seen.refused)).toBeGreaterThan(250)
  })

  it('reads one call the same, however it is sent', { timeout: timeoutMs }, () => {
    fc.assert(
      fc.property(goodCall, (sent) => {
        const [first, ...others] = waysToSend(sent).map(([route, given]) =>
          onlyEvent(successEveDecoder(route)(given, keeping)),
        )
        for (const other of others) expect(other).toEqual(first)
      }),
      { numRuns: 1_000 },
    )
  })

  it('reads an event that it wrote as the same event', { timeout: timeoutMs }, () => {
    fc.assert(
      fc.property(goodCall, (sent) => {
        const event = onlyEvent(decodeCall(sent))
        expect(onlyEvent(decodeCall(encode(event)))).toEqual(event)
      }),
      { numRuns: 2_000 },
    )
  })
})

const keeping = aDecodeContext({ keepsEmails: true })
const wellFormed = fc.string({ unit: 'binary' })
const id = fc.oneof(
  fc.nat().map(String),
  fc.uuid(),
  fc.emailAddress(),
  wellFormed.filter((given) => given.trim() !== ''),
)
const goodCall = fc.record(
  {
    contact_uid: id,
    event_uid: fc.oneof(fc.constant('pageview'), fc.stringMatching(/^[a-z_]{1,40}$/)),
    created_at: fc.constantFrom(1_795_262_400, '1795262400123', '2026-11-21T12:00:00.250+01:00', 'never'),
    messageId: fc.uuid(),
    params: fc
      .tuple(
        fc.dictionary(wellFormed, fc.jsonValue({ maxDepth: 2, stringUnit: 'binary' }), { maxKeys: 20 }),
        fc.record(
          {
            visit_url: fc.webUrl({ withFragments: true, withQueryParameters: true }),
            page_title: wellFormed,
            referrer: fc.webUrl(),
            account_uid: fc.nat(),
            display_name: wellFormed,
          },
          { requiredKeys: [] },
        ),
      )
      .map(([any, known]) => ({ ...any, ...known })),
  },
  { requiredKeys: ['contact_uid', 'event_uid'] },
)

function waysToSend(sent: object): [SuccessEveRoute, WireRequest][] {
  const json = JSON.stringify(sent)
  const base64 = Buffer.from(json).toString('base64')
  const query = 'api_token=t0ken'
  const post = (type: string, body: string): WireRequest => ({
    method: 'POST',
    query,
    headers: { 'content-type': type },
    body: Buffer.from(body),
  })
  const urlencoded = 'application/x-www-form-urlencoded'
  const inQuery = new URLSearchParams({ api_token: 't0ken', _method: 'post', encode: 'base64', data: base64 })
  return [
    ['event', post('application/json', json)],
    ['event', post(urlencoded, json)],
    ['event', post(urlencoded, new URLSearchParams({ data: json }).toString())],
    ['event', post(urlencoded, new URLSearchParams({ data: base64, encode: 'base64' }).toString())],
    [
      'event',
      post(
        'multipart/form-data; boundary=b',
        `--b\r\ncontent-disposition: form-data; name="data"\r\n\r\n${json}\r\n--b--`,
      ),
    ],
    ['event', { method: 'GET', query: inQuery.toString(), headers: {}, body: Buffer.alloc(0) }],
    ['batch', post('application/json', `[${JSON.stringify({ method: 'event', ...sent })}]`)],
  ]
}

function decodeCall(sent: object): Decoded {
  const [way] = waysToSend(sent)
  if (way === undefined) throw new Error('no way to send')
  return successEveDecoder(way[0])(way[1], keeping)
}

/** The call that the event could have come from. */
function encode(event: DecodedEvent): object {
  const { visitorId, name, props, occurredAt, clientEventId, hostname, pathname, query, title, referrer } =
    event
  const { created_at, ...params } = Object.fromEntries(props)
  const authority = hostname === '(none)' ? '' : `http://${hostname}`
  const visit_url = `${authority}${encodeURIComponent(pathname).replaceAll('%2F', '/')}?${query}`
  return {
    contact_uid: visitorId,
    event_uid: name,
    messageId: clientEventId,
    created_at: occurredAt === undefined ? created_at : undefined,
    ...(occurredAt === undefined ? {} : { created_at: occurredAt }),
    params: {
      ...params,
      ...(occurredAt === undefined ? {} : { created_at }),
      ...(pathname === '' ? {} : { visit_url }),
      ...(title === '' ? {} : { page_title: title }),
      ...(referrer === '' ? {} : { referrer }),
    },
  }
}

function expectStorable(events: readonly DecodedEvent[]): void {
  // Lone surrogates are the only thing JSON.stringify escapes as \ud...; the texts escape their own backslashes.
  expect(JSON.stringify(events).replaceAll('\\\\', '')).not.toMatch(/\\ud/)
  for (const event of events) {
    expect(JSON.parse(JSON.stringify(event))).toEqual(event)
    expect(event.sites).toEqual(['example.com'])
    expect(event.malformed === undefined).toBe(event.name !== '')
    expect(event.visitorId?.trim() === '').toBe(false)
    expect(event.props.length).toBeLessThanOrEqual(propsMax)
    expect(new Set(event.props.map(([key]) => key)).size).toBe(event.props.length)
    for (const [key, held] of event.props) {
      expect(Buffer.byteLength(key)).toBeLessThanOrEqual(propNameBytesMax)
      expect(Buffer.byteLength(held)).toBeLessThanOrEqual(propValueBytesMax)
    }
  }
}

function expectRefusal(decoded: Extract<Decoded, { ok: false }>): void {
  expect([400, 401, 405]).toContain(decoded.status)
  expect(JSON.parse(decoded.body)).toEqual({
    status: 'error',
    error: expect.stringMatching(/./) as string,
    field: expect.stringMatching(/./) as string,
  })
}
