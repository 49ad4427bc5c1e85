import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Decoded } from '../decoded.ts'
import { aDecodeContext, onlyEvent } from '../testing.ts'
import { decodeOcteth } from './decode.ts'
import { emailHash } from '../email.ts'
import { readPropertiesQuestion } from './properties.ts'
import { octethPropsMax } from './props.ts'

/** 10,000 runs take some seconds of an idle core; a busy machine may need many times that. */
const timeoutMs = 120_000

const parameterNames = [
  'APIKey',
  'ListID',
  'Event',
  'Email',
  'ID',
  'UUID',
  'Properties',
  'IdentifyProperties',
  'Command',
  'SessionID',
  '__proto__',
  'constructor',
]
/** Any UTF-16, lone surrogates and NUL included. */
const anyText = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
})
const anyValue = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  anyText,
  fc.dictionary(anyText, fc.jsonValue({ maxDepth: 2 })),
  fc.dictionary(
    fc.constantFrom(
      '$current_url',
      'url',
      '$host',
      '$pathname',
      '$referrer',
      '$page_title',
      'isTest',
      'email',
    ),
    fc.oneof(fc.webUrl({ withQueryParameters: true }), fc.emailAddress(), anyText, fc.jsonValue()),
  ),
  fc.constantFrom('conversion', 'identify', 'pageView', 94, '94', 'event.track', 'a@b.example', -0),
)
const accepted = { APIKey: 'k', ListID: 94, Event: 'x', Email: 'a@b.example' }
const aBody = fc
  .oneof(
    {
      weight: 5,
      arbitrary: fc
        .dictionary(fc.constantFrom(...parameterNames), anyValue)
        .map((given) => JSON.stringify({ ...accepted, ...given })),
    },
    {
      weight: 3,
      arbitrary: fc
        .dictionary(anyText, anyValue)
        .map((Properties) => JSON.stringify({ ...accepted, Properties })),
    },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: anyText },
    {
      weight: 2,
      arbitrary: fc
        .array(
          fc.tuple(
            fc.constantFrom(...parameterNames, 'Properties[a]', 'Properties[__proto__]', '%'),
            anyText,
          ),
        )
        .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&')),
    },
  )
  .map((text) => Buffer.from(text))
const aRequest = fc.record({
  method: fc.constantFrom('POST', 'GET'),
  query: fc.oneof(fc.string(), fc.constant('ListID=94&APIKey=k')),
  headers: fc.record({
    'content-type': fc.oneof(
      fc.constantFrom(
        'application/json',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=b',
        '',
      ),
      fc.string(),
    ),
    authorization: fc.option(fc.constantFrom('Bearer k', 'Bearer', 'Basic k'), { nil: undefined }),
    'idempotency-key': fc.option(fc.string(), { nil: undefined }),
  }),
  body: fc.oneof(
    { weight: 9, arbitrary: aBody },
    { weight: 1, arbitrary: fc.uint8Array().map((b) => Buffer.from(b)) },
  ),
})

describe('decodeOcteth', () => {
  it(
    'answers anything with storable events or with a refusal, and never throws',
    { timeout: timeoutMs },
    () => {
      const seen = { accepted: 0, refused: 0 }
      fc.assert(
        fc.property(aRequest, (given) => {
          const decoded = decodeOcteth(given, aDecodeContext())
          seen[decoded.ok ? 'accepted' : 'refused']++
          if (decoded.ok) expectStorable(decoded)
          else expectErrors(decoded)
          const question = readPropertiesQuestion(given, aDecodeContext())
          if (!question.ok) expectErrors(question)
        }),
        { numRuns: 10_000 },
      )
      expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(500)
    },
  )

  const word = fc.stringMatching(/^[a-zA-Z][\w-]{0,20}$/)
  const anEvent = fc.record({
    name: word.filter((name) => !/^(conversion|identify|page[-_]?view)$/i.test(name)),
    email: fc
      .emailAddress({ size: 'small' })
      .filter((email) => /^[\w.+-]{1,60}@(?:[a-z\d-]+\.)+[a-z]{2,}$/.test(email)),
    id: fc.option(word, { nil: undefined }),
    uuid: fc.option(fc.uuid(), { nil: undefined }),
    pathname: word.map((text) => `/${text}`),
    referrer: fc.constantFrom('', 'https://news.example/a?b=c'),
    props: fc.dictionary(
      word.filter((name) => !/^(email|ID|ListID|Event|isTest|url)$/i.test(name)),
      fc.oneof(word, fc.integer(), fc.boolean()),
      { maxKeys: 5 },
    ),
  })
  type Event = typeof anEvent extends fc.Arbitrary<infer T> ? T : never

  /** A request as a client makes it of an event, its names in the case given. */
  function encode(event: Event, cased: (name: string) => string): string {
    const page = { $current_url: `https://example.com${event.pathname}`, $referrer: event.referrer }
    const body = {
      APIKey: 'k',
      ListID: 94,
      Event: event.name,
      Email: event.email,
      ID: event.id,
      UUID: event.uuid,
      Properties: { ...page, ...event.props },
    }
    return JSON.stringify(
      Object.fromEntries(Object.entries(body).map(([name, value]) => [cased(name), value])),
    )
  }

  it('gives the event that a client encoded, in whatever case its names are', { timeout: timeoutMs }, () => {
    const cases = [
      (name: string) => name,
      (name: string) => name.toLowerCase(),
      (name: string) => name.toUpperCase(),
    ]
    fc.assert(
      fc.property(anEvent, fc.constantFrom(...cases), (event, cased) => {
        const request = { method: 'POST', query: '', headers: {}, body: Buffer.from(encode(event, cased)) }
        const decoded = onlyEvent(decodeOcteth(request, aDecodeContext()))
        expect(decoded).toMatchObject({
          sites: ['example.com'],
          name: event.name,
          hostname: 'example.com',
          pathname: event.pathname,
          referrer: event.referrer,
          visitorId: event.id ?? emailHash(event.email),
        })
        expect(decoded.clientEventId).toBe(event.uuid)
        const props = new Map(decoded.props)
        for (const [name, value] of Object.entries(event.props)) expect(props.get(name)).toBe(String(value))
        expect([props.get('email'), props.get('ID')]).toEqual([emailHash(event.email), event.id])
      }),
      { numRuns: 2_000 },
    )
  })
})

function expectStorable(decoded: Extract<Decoded, { ok: true }>): void {
  const text = JSON.stringify(decoded)
  // Lone surrogates are the only thing JSON.stringify escapes as \ud...; the texts escape their own backslashes.
  expect(text.replaceAll('\\\\', '')).not.toMatch(/\\ud/)
  for (const event of decoded.events) {
    expect(JSON.parse(JSON.stringify(event))).toEqual(event)
    expect(event.name.trim()).not.toBe('')
    expect(event.props.length).toBeLessThanOrEqual(octethPropsMax + 4)
    expect(new Set(event.props.map(([name]) => name)).size).toBe(event.props.length)
    for (const [name, value] of event.props) {
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(300 + 'IdentifyProperties.'.length)
      expect(Buffer.byteLength(value)).toBeLessThanOrEqual(2_000)
      expect(value).not.toContain('a@b.example')
    }
    if (event.revenue !== undefined) expect(event.revenue.amount).toMatch(/^-?\d{1,14}(\.\d{1,4})?$/)
  }
  const { status, body } = decoded.accepted({ dropped: 0, places: [], isNewSubscriber: true })
  expect([status, Object.keys(JSON.parse(body) as object)]).toEqual([
    200,
    ['status', 'uuid', 'external_id', 'identify_event_sent'],
  ])
}

function expectErrors({ status, body }: Extract<Decoded, { ok: false }>): void {
  expect([400, 401, 413, 422]).toContain(status)
  const { Errors } = JSON.parse(body) as { Errors: { Code: number; Message: string }[] }
  expect(Errors[0]?.Message).not.toBe('')
}
