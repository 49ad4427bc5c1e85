import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DecodedEvent } from '../decoded.ts'
import { aDecodeContext, aKameleoonRequest } from '../testing.ts'
import { decodeKameleoon } from './decode.ts'
import type { EventType } from './event-schemas.ts'
import { lineOf, needed, types } from './testing.ts'

/** A busy machine may need many times the seconds of an idle one. */
const timeoutMs = 120_000
const context = aDecodeContext({ keepsEmails: true })

/** Any UTF-16, lone surrogates and NUL included. */
const anyText = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
})
const names = ['eventType', 'nonce', 'visitorCode', 'mappingValue', 'userAgent', 'goalID', 'revenue', 'href']
const otherNames = [
  ...['title', 'metadata', 'valuesCountMap', 'index', 'id', 'variationId', 'unexpositionCause', 'browser'],
  ...['localeLanguageTag', 'referrerHref', 'keyPageIndices', 'mappingIdentifier', 'country', '__proto__'],
  ...['constructor', 'toString', '', '%', 'foo'],
]
const anyValue = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  anyText,
  fc.integer(),
  fc.double(),
  fc.bigInt().map(String),
  fc.boolean(),
  fc.constantFrom(...types, 'd2ce4d22083348fb', 'https://a/', 'data:,', '{"0":["a"]}', '{"__proto__":1}'),
  fc.dictionary(fc.string(), fc.oneof(fc.integer(), fc.array(anyText))),
)
const anyEvent = fc
  .tuple(
    fc.constantFrom(...types),
    fc.dictionary(fc.constantFrom(...names, ...otherNames), anyValue),
    fc.boolean(),
  )
  .map(([eventType, fields, isWhole]) =>
    isWhole
      ? { ...needed[eventType], eventType, nonce: 'd2ce4d22083348fb', visitorCode: 'v', ...fields }
      : fields,
  )
const anyLine = fc.oneof(
  anyEvent.map((event) =>
    Object.entries(event)
      .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
      .join('&'),
  ),
  anyEvent.map((event) =>
    Object.entries(event)
      .map(([name, value]) => `${name}=${encodeURIComponent(wellFormed(JSON.stringify(value)))}`)
      .join('&'),
  ),
  fc.string({ unit: fc.constantFrom('&', '=', '%', '+', '\r', '\n', 'a', '4', '{', '"', '\u0000') }),
)
const anyBody = fc.oneof(
  fc.array(anyEvent, { maxLength: 4 }).map((events) => JSON.stringify(events)),
  anyEvent.map((event) => JSON.stringify(event)),
  fc.array(anyLine, { maxLength: 4 }).map((lines) => lines.join('\n')),
  fc.json({ maxDepth: 6 }),
  anyText,
)
const anyQuery = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('', '&json=true', '&json=false', '&bodyUa=true', '&itp=false') },
  { weight: 1, arbitrary: anyText.map((text) => `&visitorCode=${encodeURIComponent(wellFormed(text))}`) },
  { weight: 1, arbitrary: fc.string().map((text) => `&${text}`) },
)

describe('decodeKameleoon', () => {
  it('answers anything with storable events or a refusal, and never throws', { timeout: timeoutMs }, () => {
    const seen = { good: 0, malformed: 0, refused: 0 }
    fc.assert(
      fc.property(
        fc.oneof(
          { weight: 9, arbitrary: anyQuery.map((query) => `siteCode=abcdefghij${query}`) },
          { weight: 1, arbitrary: fc.string() },
        ),
        fc.oneof(
          { weight: 9, arbitrary: anyBody.map((text) => Buffer.from(text)) },
          { weight: 1, arbitrary: fc.uint8Array().map((bytes) => Buffer.from(bytes)) },
        ),
        (query, body) => {
          const decoded = decodeKameleoon(aKameleoonRequest(body, { query }), context)
          if (!decoded.ok) {
            seen.refused++
            expect([400, 401, 403, 413]).toContain(decoded.status)
            expect(JSON.parse(decoded.body)).toEqual({ message: expect.any(String) })
            return
          }
          for (const event of decoded.events) {
            seen[event.malformed === undefined ? 'good' : 'malformed']++
            expectStorable(event)
          }
        },
      ),
      { numRuns: 10_000 },
    )
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(300)
  })

  it.each([
    [
      'lines',
      (events: readonly Fields[]) =>
        events
          .map(({ userAgent, ...event }) => {
            const line = lineOf(event)
            return typeof userAgent === 'string' ? `${line}&userAgent=${userAgent}` : line
          })
          .join('\r\n'),
    ],
    ['JSON', (events: readonly Fields[]) => JSON.stringify(events)],
  ])('decodes what it encodes as %s to the same events', { timeout: timeoutMs }, (_, encode) => {
    fc.assert(
      fc.property(fc.array(anEvent, { minLength: 1, maxLength: 5 }), (events) => {
        const body = Buffer.from(encode(events.map(({ fields }) => fields)))
        const query = 'siteCode=abcdefghij&bodyUa=true'
        const decoded = decodeKameleoon(aKameleoonRequest(body, { query }), context)
        const found = decoded.ok ? decoded.events : []
        expect(found.map(essence)).toEqual(events.map(({ expected }) => expected))
      }),
      { numRuns: 2_000 },
    )
  })
})

function wellFormed(text: string): string {
  return Buffer.from(text).toString()
}

function expectStorable(event: DecodedEvent): void {
  // JSON.stringify escapes nothing but lone surrogates as \ud...; texts escape their own backslashes.
  expect(JSON.stringify(event).replaceAll('\\\\', '')).not.toMatch(/\\ud[89a-f]/)
  expect(JSON.parse(JSON.stringify(event))).toEqual(event)
  expect(event.sites).toEqual(['example.com'])
  if (event.malformed !== undefined) {
    expect(event.malformed.cause).toMatch(/^[a-zA-Z]+: ./)
    expect(event.props).toEqual([])
    return
  }
  expect(event.name).toMatch(/^[a-zA-Z]+$/)
  expect(event.visitorId).toMatch(/\S/)
  expect(event.clientEventId).toMatch(/^[\da-fA-F]{16}$/)
  expect(new Set(event.props.map(([name]) => name)).size).toBe(event.props.length)
  expect(event.hostname === '').toBe(event.name !== 'pageview')
}

type Fields = Readonly<Record<string, unknown>>

/** A value as a client has it, and the text it is kept as. */
type Kept = readonly [value: unknown, text: string]

/** Well-formed text that is not empty, of so many code points at most. */
const text = (charsMax: number) =>
  fc.string({ unit: 'binary', minLength: 1, maxLength: charsMax }).map((value): Kept => [value, value])
const int32 = fc.integer().map((value): Kept => [value, String(value)])
const int64 = fc
  .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
  .map((value): Kept => [
    Number.isSafeInteger(Number(value)) ? Number(value) : value.toString(),
    value.toString(),
  ])
const float64 = fc
  .double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 })
  .filter((value) => value === 0 || Math.abs(value) > 1e-6)
  .map((value): Kept => [value, String(value + 0)])
const flag = fc.boolean().map((value): Kept => [value, String(value)])
const json = (value: fc.Arbitrary<unknown>) => value.map((given): Kept => [given, JSON.stringify(given)])
const indices = json(fc.array(fc.integer()))
const plainText = fc.string({ unit: 'binary', maxLength: 20 })
const metadata = json(
  fc
    .array(fc.tuple(fc.integer(), fc.array(plainText, { maxLength: 5 })), { maxLength: 5 })
    .map((entries) => Object.fromEntries(entries)),
)
const counts = json(
  fc.array(fc.tuple(plainText, fc.integer()), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
)
const oneOf = (...words: string[]) => fc.constantFrom(...words).map((word): Kept => [word, word])

const parameters: Readonly<Record<EventType, Readonly<Record<string, fc.Arbitrary<Kept>>>>> = {
  STATICDATA: {
    visitNumber: int32,
    timeSincePreviousVisit: int64,
    browser: text(100),
    browserVersion: float64,
    os: text(100),
    localeLanguageTag: text(200),
    deviceType: oneOf('DESKTOP', 'TABLET', 'PHONE'),
  },
  PAGE: {
    canonicalHref: text(2_048),
    referrerHref: text(3_000),
    keyPageIndices: indices,
    referrerIndices: indices,
  },
  CONVERSION: { goalId: int64, revenue: float64, negative: flag, metadata },
  TARGETINGSEGMENT: { id: int64 },
  EXPERIMENT: { id: int64, variationId: int64 },
  PERSONALIZATION: { id: int64, variationId: int64 },
  WEATHER: {
    temperature: float64,
    humidity: float64,
    pressure: float64,
    windSpeed: float64,
    cloudiness: float64,
    sunriseTime: int64,
    sunsetTime: int64,
    weatherCode: text(100),
  },
  CUSTOMDATA: { index: int32, mappingIdentifier: flag, valuesCountMap: counts, overwrite: flag },
  PRODUCT: { ean: text(100) },
  GEOLOCATION: { country: text(100), region: text(100), city: text(100), latitude: float64 },
  ACTIVITY: {},
}

const hex = fc.string({
  unit: fc.constantFrom(...Array.from('0123456789abcdefABCDEF')),
  minLength: 16,
  maxLength: 16,
})
const visitor = text(90).filter(([value]) => String(value).trim() !== '')
/** As SDKs send it: unescaped, with blanks, without what ends a value. */
const userAgent = fc
  .string({ unit: fc.constantFrom(...Array.from('aZ09 ;+=/().%é')), maxLength: 40 })
  .map((value) => `Mozilla/5.0 (${value})`)

const anEvent = fc
  .constantFrom(...types)
  .chain((type) => fc.tuple(fc.constant(type), fc.record(parameters[type]), hex, visitor, userAgent))
  .map(([type, kept, nonce, [visitorCode], agent]) => {
    const values = Object.entries(kept).map(([name, [value]]) => [name, value] as const)
    const fields: Fields = {
      ...(type === 'PAGE' ? needed.PAGE : {}),
      ...Object.fromEntries(values),
      eventType: type,
      nonce,
      visitorCode,
      userAgent: agent,
    }
    const props = Object.entries(kept).map(([name, [, text]]) => [name, text] as const)
    const page = type === 'PAGE' ? [['href', String(needed.PAGE.href)] as const] : []
    const expected = {
      nonce,
      visitor: String(visitorCode).trim(),
      userAgent: agent,
      props: byName([...props, ...page]),
    }
    return { fields, expected: { ...expected, type: type === 'PAGE' ? 'PAGEVIEW' : type } }
  })

function essence({
  name,
  clientEventId,
  visitorId,
  userAgent: agent,
  props,
  malformed,
}: DecodedEvent): unknown {
  if (malformed !== undefined) return malformed
  const type = name.toUpperCase()
  return { nonce: clientEventId, visitor: visitorId, userAgent: agent, props: byName(props), type }
}

function byName(props: readonly (readonly [string, string])[]): unknown {
  return props.toSorted(([a], [b]) => (a < b ? -1 : 1))
}
