import { describe, expect, it } from 'vitest'
import { aDecodeContext, aKameleoonRequest } from '../testing.ts'
import { decodeKameleoon } from './decode.ts'
import { piecesMax } from './pieces.ts'

const known = 'siteCode=abcdefghij'
const decode = (body: unknown, query = known) =>
  decodeKameleoon(aKameleoonRequest(body, { query }), aDecodeContext())

function outcomes(body: unknown): unknown[] {
  const decoded = decode(body)
  if (!decoded.ok) return [decoded.status]
  return decoded.events.map(({ malformed, props }) => malformed?.cause ?? Object.fromEntries(props))
}

const head = '"nonce":"d2ce4d22083348fb","visitorCode":"v"'
const product = `${head},"eventType":"PRODUCT"`
const line = 'nonce=d2ce4d22083348fb&visitorCode=v&eventType=PRODUCT'

describe('prototype pollution', () => {
  it.each<[string, string, unknown[]]>([
    ['__proto__ in JSON', `{${product},"__proto__":{"ean":"1"}}`, ['ean: required']],
    ['constructor in JSON', `{${product},"constructor":{"prototype":{"ean":"1"}}}`, ['ean: required']],
    ['an escaped name', `{${product},"\\u005f_proto__":{"ean":"1"}}`, ['ean: required']],
    ['an event that is only a prototype', `[{"__proto__":{${product},"ean":"1"}}]`, ['eventType: required']],
    ['names of a line', `${line}&__proto__=1&constructor=2&ean=3`, [{ ean: '3' }]],
    ['__proto__[ean] of a line', `${line}&__proto__[ean]=1`, ['ean: required']],
    ['a type', `{${head},"eventType":"__proto__"}`, ['eventType: unknown']],
    [
      'a long number beside it',
      `{${product},"__proto__":{"ean":"1"},"x":12345678901234567}`,
      ['ean: required'],
    ],
    [
      'custom values',
      `{${head},"eventType":"CUSTOMDATA","index":0,"valuesCountMap":{"__proto__":1}}`,
      [{ index: '0', valuesCountMap: '{"__proto__":1}' }],
    ],
  ])('fails: %s', (_, body, expected) => {
    expect(outcomes(body)).toEqual(expected)
    expect(Object.prototype).not.toHaveProperty('ean')
    expect(({} as Record<string, unknown>).ean).toBeUndefined()
  })
})

describe('deep nesting', () => {
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`

  it.each<[string, string, unknown[]]>([
    ['of an unknown parameter is ignored', `{${product},"ean":"1","x":${nested(9_000)}}`, [{ ean: '1' }]],
    ['of a known one is refused', `{${product},"ean":${nested(9_000)}}`, ['ean: expected text']],
    ['of items is refused', `[${nested(9_000)}]`, ['event: expected a JSON object']],
    ['above the limit is no JSON', nested(1_000_000), ['body: expected JSON']],
    [
      'in the text of a parameter is refused',
      `nonce=d2ce4d22083348fb&visitorCode=v&eventType=PAGE&href=https://a/&keyPageIndices=${nested(100_000)}`,
      ['keyPageIndices: expected a JSON array'],
    ],
  ])('%s', (_, body, expected) => {
    expect(outcomes(body)).toEqual(expected)
  })
})

describe('bytes that are no text', () => {
  const latin1 = (text: string) => Buffer.from(text, 'latin1')

  it.each<[string, Buffer, unknown[]]>([
    ['a lone surrogate escaped in JSON', latin1(`{${product},"ean":"a\\ud800b"}`), [{ ean: 'a\ufffdb' }]],
    ['NUL in JSON', latin1(`{${product},"ean":"a\\u0000b"}`), [{ ean: 'a\0b' }]],
    ['raw NUL in JSON', latin1(`{${product},"ean":"a\0b"}`), ['body: expected JSON']],
    ['NUL in a line', latin1(`${line}&ean=a%00b`), [{ ean: 'a\0b' }]],
    ['raw NUL in a line', latin1(`${line}&ean=a\0b`), [{ ean: 'a\0b' }]],
    ['a byte that is no UTF-8', latin1(`${line}&ean=a\xe9b`), [{ ean: 'a\ufffdb' }]],
    ['an escaped byte that is no UTF-8', latin1(`${line}&ean=a%E9b`), [{ ean: 'a\ufffdb' }]],
    ['an escaped surrogate', latin1(`${line}&ean=%ED%A0%80`), [{ ean: '\ufffd\ufffd\ufffd' }]],
    ['broken percent-encoding', latin1(`${line}&ean=100%25%zz%`), [{ ean: '100%%zz%' }]],
  ])('%s', (_, body, expected) => {
    expect(outcomes(body)).toEqual(expected)
  })
})

describe('floods', () => {
  const megabyte = 1_000_000

  it.each<[string, string, unknown]>([
    ['commas', ','.repeat(megabyte), ['event: too long']],
    ['commas in brackets', `[${','.repeat(megabyte)}]`, ['body: expected JSON']],
    ['ampersands', '&'.repeat(megabyte), ['event: too long']],
    ['ampersands in a line', `${line}&ean=1${'&'.repeat(400_000)}`, [{ ean: '1' }]],
    ['percent signs', `${line}&ean=${'%'.repeat(400_000)}`, ['ean: longer than 100 characters']],
    ['blanks', ' '.repeat(megabyte), []],
    ['line feeds', '\n'.repeat(megabyte), []],
    ['short lines', 'x\n'.repeat(piecesMax + 1), [413]],
    ['items', `[${'1,'.repeat(piecesMax)}1]`, [413]],
    [
      'digits',
      `${line}&ean=1\n${line.replace('PRODUCT', 'CONVERSION')}&goalId=${'9'.repeat(400_000)}`,
      [{ ean: '1' }, 'goalId: expected a 64-bit integer'],
    ],
    ['digits in JSON', `{${product},"ean":${'9'.repeat(megabyte)}}`, ['ean: expected text']],
    [
      'quotes and digits',
      `[{"a":12345678901234567}${',""'.repeat(9_000)}]`,
      ['eventType: required', ...Array<string>(9_000).fill('event: expected a JSON object')],
    ],
    ['blanks in a user agent', `${line}&ean=1&userAgent=${' '.repeat(400_000)}`, [{ ean: '1' }]],
    [
      'at signs',
      `${line}&ean=1\nnonce=d2ce4d22083348fb&visitorCode=v&eventType=CUSTOMDATA&index=0&valuesCountMap={"${'@'.repeat(2_048)}":1}`,
      [{ ean: '1' }, { index: '0', valuesCountMap: `{"${'@'.repeat(2_048)}":1}` }],
    ],
  ])('of %s are answered', (_, body, expected) => {
    expect(outcomes(body)).toEqual(expected)
  })

  it('of parameters in the URL are refused', () => {
    expect(decode([line], `${known}${'&'.repeat(30_000)}`)).toMatchObject({ ok: false, status: 400 })
  })

  it.each(['%0d%0aset-cookie:x', '%00', "' OR 1=1", '__proto__', 'constructor', '../abcdefghij'])(
    'of guesses at a siteCode are not echoed: %s',
    (siteCode) => {
      const decoded = decode([line], `siteCode=${siteCode}`)
      expect(decoded).toMatchObject({
        ok: false,
        status: 401,
        body: '{"message":"The siteCode is not known here."}',
      })
    },
  )
})
