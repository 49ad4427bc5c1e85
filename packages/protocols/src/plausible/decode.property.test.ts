import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Decoded } from '../decoded.ts'
import { decodePlausible } from './decode.ts'
import { propsMax } from './props.ts'

const fieldNames = ['n', 'name', 'u', 'url', 'd', 'domain', 'r', 'referrer', 'm', 'meta', 'p', 'props', 'h']
const otherNames = [
  'hashMode',
  'i',
  'interactive',
  'revenue',
  '$',
  'sd',
  'e',
  'v',
  '__proto__',
  'constructor',
]
const contentTypes = [
  'text/plain',
  '',
  'application/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=b',
]

/** Any UTF-16, lone surrogates and NUL included. */
const anyText = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
})
const fieldValue = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  anyText,
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  fc.dictionary(anyText, fc.oneof(anyText, fc.double(), fc.boolean(), fc.constant(null))),
  fc.dictionary(fc.string(), fc.string(), { minKeys: 25, maxKeys: 40 }),
  fc.record({
    amount: fc.oneof(fc.double(), fc.float().map(String)),
    currency: fc.constantFrom('EUR', 'USD', 'x'),
  }),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.constantFrom(
    'engagement',
    '404',
    1,
    '1',
    false,
    null,
    'https://www.example.com:80/%e9%zz?a#b',
    'data:,',
  ),
)
const body = fc
  .oneof(
    {
      weight: 4,
      arbitrary: fc
        .dictionary(fc.constantFrom(...fieldNames, ...otherNames), fieldValue)
        .map((fields) => JSON.stringify({ n: 'x', u: '/', d: 'a', ...fields })),
    },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: anyText },
    {
      weight: 1,
      arbitrary: fc
        .array(fc.tuple(fc.constantFrom(...fieldNames, 'p[a]', 'p[]', 'p[__proto__]', '%'), fc.string()))
        .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&')),
    },
    {
      weight: 1,
      arbitrary: fc
        .array(fc.tuple(fc.constantFrom(...fieldNames), fc.string()))
        .map((parts) =>
          [
            ...parts.map(
              ([name, text]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`,
            ),
            '--b--\r\n',
          ].join(''),
        ),
    },
  )
  .map((text) => Buffer.from(text))
const request = fc.record({
  method: fc.constant('POST'),
  query: fc.string(),
  headers: fc.record({
    'content-type': fc.oneof(fc.constantFrom(...contentTypes), fc.string()),
    'idempotency-key': fc.option(fc.string(), { nil: undefined }),
  }),
  body: fc.oneof(
    { weight: 9, arbitrary: body },
    { weight: 1, arbitrary: fc.uint8Array().map((b) => Buffer.from(b)) },
  ),
})

/** 10,000 runs take 2.5 s of an idle core; a busy machine may need many times that. */
const timeoutMs = 120_000

describe('decodePlausible', () => {
  it(
    'answers anything with storable events or with a refusal, and never throws',
    { timeout: timeoutMs },
    () => {
      const seen = { accepted: 0, refused: 0 }
      fc.assert(
        fc.property(request, (given) => {
          const decoded = decodePlausible(given)
          seen[decoded.ok ? 'accepted' : 'refused']++
          if (decoded.ok) expectStorable(decoded)
          else expectRefusal(decoded)
        }),
        { numRuns: 10_000 },
      )
      expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(500)
    },
  )
})

function expectStorable(decoded: Extract<Decoded, { ok: true }>): void {
  const text = JSON.stringify(decoded)
  // Lone surrogates are the only thing JSON.stringify escapes as \ud...; the texts escape their own backslashes.
  expect(text.replaceAll('\\\\', '')).not.toMatch(/\\ud/)
  for (const event of decoded.events) {
    expect(JSON.parse(JSON.stringify(event))).toEqual(event)
    expect(event.name.trim() + event.name).not.toBe('')
    expect(event.pathname).not.toBe('')
    expect(event.hostname).not.toBe('')
    expect(event.sites.length).toBeGreaterThan(0)
    expect(event.props.length).toBeLessThanOrEqual(propsMax)
    expect(new Set(event.props.map(([key]) => key)).size).toBe(event.props.length)
    for (const [key, value] of event.props) {
      expect(Buffer.byteLength(key)).toBeLessThanOrEqual(300)
      expect(Buffer.byteLength(value)).toBeLessThanOrEqual(2_000)
    }
    expect([...Array(101).keys(), 255]).toContain(event.scrollDepth)
    expect(event.engagementMs >= 0 && event.engagementMs < 2_592_000_000).toBe(true)
    if (event.revenue !== undefined) expect(event.revenue.amount).toMatch(/^-?\d{1,14}(\.\d{1,4})?$/)
  }
}

function expectRefusal(decoded: Extract<Decoded, { ok: false }>): void {
  expect(decoded.status).toBe(400)
  const { errors } = JSON.parse(decoded.body) as { errors: Record<string, string[]> }
  expect(Object.values(errors).flat().length).toBeGreaterThan(0)
}
