import { describe, expect, it } from 'vitest'
import { aPlausibleBody, aWireRequest, onlyEvent, refusedErrors } from '../testing.ts'
import { plausibleBodyBytesMax, rawBodyBytesMax } from './body.ts'
import { decodePlausible } from './decode.ts'

const unparsable = { request: ['Unable to parse request body as json'] }
const missingEverything = {
  event_name: ["can't be blank"],
  url: ['is required'],
  domain: ["can't be blank"],
}
const json = JSON.stringify(aPlausibleBody({ n: 'Signup', p: { plan: 'pro' } }))
const form = 'n=Signup&u=https%3A%2F%2Fexample.com%2Fpage&d=example.com&p%5Bplan%5D=pro'
const multipart = [
  '--XX',
  'Content-Disposition: form-data; name="n"',
  '',
  'Signup',
  '--XX',
  'Content-Disposition: form-data; name="u"',
  '',
  'https://example.com/page',
  '--XX',
  'Content-Disposition: form-data; name="d"',
  '',
  'example.com',
  '--XX',
  'Content-Disposition: form-data; name="p"',
  'Content-Type: application/json',
  '',
  '{"plan":"pro"}',
  '--XX--',
  '',
].join('\r\n')

/** A JSON object of exactly so many bytes. */
function jsonOfBytes(bytes: number): string {
  const body = JSON.stringify(aPlausibleBody({ w: '' }))
  return body.replace('"w":""', `"w":"${'x'.repeat(bytes - body.length)}"`)
}

describe('1.1 body decoding', () => {
  it.each<[string, string, string]>([
    ['rule 2: text/plain is read as JSON', 'text/plain', json],
    ['rule 2: text/plain with a charset is read as JSON', 'text/plain;charset=UTF-8', json],
    ['rule 2: no content type is read as JSON', '', json],
    ['rule 2: any other type is read as JSON', 'image/png', json],
    ['rule 2: a type that is none is read as JSON', ';;', json],
    ['rule 1: application/json is decoded', 'application/json', json],
    ['rule 1: the type is matched in any case, with parameters', 'Application/JSON; charset=utf-8', json],
    ['rule 1: application/*+json is decoded', 'application/vnd.api+json', json],
    ['rule 1: a urlencoded form is decoded', 'application/x-www-form-urlencoded', form],
    ['rule 1: a multipart form is decoded', 'multipart/form-data; boundary=XX', multipart],
    ['rule 1: a quoted boundary is understood', 'multipart/form-data; boundary="XX"', multipart],
  ])('%s', (_, contentType, body) => {
    const event = onlyEvent(decodePlausible(aWireRequest(body, { contentType })))
    expect(event).toMatchObject({
      name: 'Signup',
      sites: ['example.com'],
      pathname: '/page',
      props: [['plan', 'pro']],
    })
  })

  it('rule 2: a request without headers is read as JSON', () => {
    const request = { ...aWireRequest(json), headers: {} }
    expect(onlyEvent(decodePlausible(request)).name).toBe('Signup')
  })

  it.each<[string, unknown, string]>([
    ['rule 3: an empty raw body is refused', '', 'text/plain'],
    ['rule 3: a raw body that is no JSON is refused', 'n=pageview', 'text/plain'],
    ['rule 3: JSON text of a text is refused', '"text"', 'text/plain'],
    ['rule 3: JSON text of a number is refused', '1', ''],
    ['rule 3: JSON text of null is refused', 'null', ''],
    ['rule 3: JSON text of a list is refused', '[{}]', 'text/plain'],
    ['rule 3: a byte order mark is refused', `\ufeff${json}`, 'text/plain'],
    [
      'rule 3: invalid UTF-8 is refused',
      Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
      'text/plain',
    ],
    ['rule 3: a raw body above the limit is refused', jsonOfBytes(rawBodyBytesMax + 1), 'text/plain'],
    [
      'rule 3: endless nesting is refused',
      `{"n":${'['.repeat(400_000)}${']'.repeat(400_000)}}`,
      'text/plain',
    ],
    ['rule 4: malformed JSON under application/json is refused', '{"n":', 'application/json'],
    [
      'rule 4: invalid UTF-8 under application/json is refused',
      Buffer.from([0x22, 0xff, 0x22]),
      'application/json',
    ],
    [
      'rule 1: a multipart form cut short is refused',
      multipart.slice(0, -10),
      'multipart/form-data; boundary=XX',
    ],
    ['rule 1: a multipart form without boundary is refused', multipart, 'multipart/form-data'],
    [
      'rule 1: a form with endless fields is refused',
      'a&'.repeat(5_000),
      'application/x-www-form-urlencoded',
    ],
  ])('%s', (_, body, contentType) => {
    const decoded = decodePlausible(aWireRequest(body, { contentType }))
    expect(decoded).toMatchObject({ ok: false, status: 400, contentType: 'application/json; charset=utf-8' })
    expect(refusedErrors(decoded)).toEqual(unparsable)
  })

  it('rule 3: a raw body of exactly 1,000,000 bytes is accepted', () => {
    const body = jsonOfBytes(1_000_000)
    expect(Buffer.byteLength(body)).toBe(rawBodyBytesMax)
    expect(onlyEvent(decodePlausible(aWireRequest(body))).name).toBe('pageview')
  })

  it.each<[string, string]>([
    ['rule 4: under application/json a list has no fields', '[1]'],
    ['rule 4: under application/json a text has no fields', '"text"'],
    ['rule 4: under application/json null has no fields', 'null'],
    ['rule 4: under application/json an empty body has no fields', ''],
  ])('%s', (_, body) => {
    const decoded = decodePlausible(aWireRequest(body, { contentType: 'application/json' }))
    expect(refusedErrors(decoded)).toEqual(missingEverything)
  })

  it.each(['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=XX'])(
    'rule 4: above 8 MB, %s is answered 413',
    (contentType) => {
      const request = {
        ...aWireRequest('', { contentType }),
        body: Buffer.alloc(plausibleBodyBytesMax + 1, 'x'),
      }
      expect(decodePlausible(request)).toMatchObject({ ok: false, status: 413 })
    },
  )

  it('rule 4: under application/json the raw limit does not hold', () => {
    const request = aWireRequest(jsonOfBytes(rawBodyBytesMax + 1), { contentType: 'application/json' })
    expect(onlyEvent(decodePlausible(request)).name).toBe('pageview')
  })

  it.each<[string, string, object]>([
    ['h', 'n=x&u=/a%23b&d=a&h=1', { pathname: '/a#b' }],
    ['sd', 'n=engagement&u=/&d=a&sd=12', { scrollDepth: 12 }],
    ['e', 'n=engagement&u=/&d=a&e=900', { engagementMs: 900 }],
    ['props as JSON text', 'n=x&u=/&d=a&p=%7B%22a%22%3A1%7D', { props: [['a', '1']] }],
    [
      'revenue',
      'n=x&u=/&d=a&revenue[amount]=1.5&revenue[currency]=EUR',
      { revenue: { amount: '1.5', currency: 'EUR' } },
    ],
    ['a blank as +', 'n=a+b&u=/&d=a', { name: 'a b' }],
    ['the last of a name', 'n=x&n=y&u=/&d=a', { name: 'y' }],
    ['the last of a name that changes its kind', 'n=x&u=/&d=a&p[a]=1&p=text&p[b]=2', { props: [['b', '2']] }],
    ['a list as nothing that props know', 'n=x&u=/&d=a&p[]=1', { props: [] }],
    [
      'the prototype as a name like any other',
      'n=x&u=/&d=a&__proto__[n]=z&p[__proto__]=1',
      { props: [['__proto__', '1']] },
    ],
    ['broken percent-encoding', 'n=%zz%C3&u=/&d=a', { name: '%zz\ufffd' }],
  ])('rule 5: a form field carries %s', (_, body, expected) => {
    const request = aWireRequest(body, { contentType: 'application/x-www-form-urlencoded' })
    expect(onlyEvent(decodePlausible(request))).toMatchObject(expected)
  })

  it('rule 5: a form cannot send a boolean, so `i=false` stays interactive', () => {
    const request = aWireRequest('n=x&u=/&d=a&i=false', { contentType: 'application/x-www-form-urlencoded' })
    expect(onlyEvent(decodePlausible(request)).interactive).toBe(true)
  })
})
