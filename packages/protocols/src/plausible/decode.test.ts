import { describe, expect, it } from 'vitest'
import { aPlausibleBody, aWireRequest, onlyEvent, refusedErrors } from '../testing.ts'
import { plausibleAccepted } from './accepted.ts'
import { decodePlausible } from './decode.ts'

type Changes = Readonly<Record<string, unknown>>

const decode = (changes: Changes) => decodePlausible(aWireRequest(aPlausibleBody(changes)))
const family = '👨‍👩‍👧‍👦'
const blank = { event_name: ["can't be blank"] }
const invalid = { event_name: ['is invalid'] }
const tooLong = { event_name: ['should be at most 120 character(s)'] }

describe('1.2 answers', () => {
  it('accepted: 202, plain text, the two letters ok', () => {
    expect(plausibleAccepted({ dropped: 0 })).toStrictEqual({
      status: 202,
      contentType: 'text/plain; charset=utf-8',
      body: 'ok',
    })
  })

  it('dropped: the same, with the number of sites that dropped it', () => {
    expect(plausibleAccepted({ dropped: 2 })).toStrictEqual({
      ...plausibleAccepted({ dropped: 0 }),
      headers: { 'x-plausible-dropped': '2' },
    })
  })

  it('refused: 400 with the errors of all fields together', () => {
    const decoded = decode({ n: ' ', u: 'data:,x', d: '', h: 'x', p: { a: 'v'.repeat(2_001) } })
    expect(decoded).toMatchObject({ ok: false, status: 400, contentType: 'application/json; charset=utf-8' })
    expect(refusedErrors(decoded)).toEqual({
      event_name: ["can't be blank"],
      url: ['scheme is not allowed'],
      domain: ["can't be blank"],
      hash_mode: ['is invalid'],
      props: ['keys should have at most 300 bytes and values 2000 bytes'],
    })
  })

  it('refused: an empty object misses name, url and domain', () => {
    expect(refusedErrors(decodePlausible(aWireRequest({})))).toEqual({
      event_name: ["can't be blank"],
      url: ['is required'],
      domain: ["can't be blank"],
    })
  })

  it('refused: several messages of one field come as a list', () => {
    expect(refusedErrors(decode({ d: ['a'.repeat(300), ...Array<string>(100).fill('b')].join() }))).toEqual({
      domain: ['should be at most 100 site(s)', 'should be at most 255 byte(s)'],
    })
  })
})

describe('2 event name', () => {
  it.each<[string, Changes, string]>([
    ['n is the short name', { n: 'a', name: 'b' }, 'a'],
    ['name is the long one', { n: undefined, name: 'b' }, 'b'],
    ['null falls through', { n: null, name: 'b' }, 'b'],
    ['false falls through', { n: false, name: 'b' }, 'b'],
    ['an integer is turned into text', { n: 404 }, '404'],
    ['0 is a value and blocks the long name', { n: 0, name: 'b' }, '0'],
    ['blanks around it stay', { n: ' a ' }, ' a '],
    ['120 characters are kept', { n: 'é'.repeat(120) }, 'é'.repeat(120)],
    ['120 families are 120 characters', { n: family.repeat(120) }, family.repeat(120)],
    ['a lone surrogate becomes U+FFFD', { n: 'a\ud800' }, 'a\ufffd'],
    ['a NUL byte stays', { n: 'a\u0000b' }, 'a\u0000b'],
  ])('%s', (_, changes, expected) => {
    expect(onlyEvent(decode(changes)).name).toBe(expected)
  })

  it.each<[string, Changes, object]>([
    ['missing', { n: undefined }, blank],
    ['null', { n: null }, blank],
    ['false', { n: false }, blank],
    ['empty text', { n: '' }, blank],
    ['empty text before a long name', { n: '', name: 'b' }, blank],
    ['whitespace', { n: ' \t\u00a0\u2003' }, blank],
    ['a list', { n: ['a'] }, invalid],
    ['an object', { n: {} }, invalid],
    ['a float', { n: 1.5 }, invalid],
    ['true', { n: true }, invalid],
    ['an integer whose digits are lost', { n: 2 ** 60 }, invalid],
    ['121 characters', { n: 'a'.repeat(121) }, tooLong],
    ['121 letters with accents', { n: 'e\u0301'.repeat(121) }, tooLong],
    ['one character of endless accents', { n: `a${'\u0301'.repeat(10_000)}` }, tooLong],
  ])('%s is refused', (_, changes, expected) => {
    expect(refusedErrors(decode(changes))).toEqual(expected)
  })
})

describe('2 and 8.3 interactive', () => {
  it.each<[string, Changes, boolean]>([
    ['absent is true', {}, true],
    ['i false is honoured', { i: false }, false],
    ['interactive false is honoured', { interactive: false }, false],
    ['i goes before interactive', { i: true, interactive: false }, true],
    ['i false goes before interactive', { i: false, interactive: true }, false],
    ['i null is absent', { i: null, interactive: false }, false],
    ['text is not a boolean', { i: 'false' }, true],
    ['0 is not a boolean', { i: 0 }, true],
    ['another value of i blocks interactive', { i: 0, interactive: false }, true],
    ['a page view is always interactive', { n: 'pageview', i: false }, true],
  ])('%s', (_, changes, expected) => {
    expect(onlyEvent(decode({ n: 'Signup', ...changes })).interactive).toBe(expected)
  })
})

describe('10 revenue', () => {
  const usd = { amount: 15.99, currency: 'USD' }
  const read = { amount: '15.99', currency: 'USD' }
  it.each<[string, Changes, object | undefined]>([
    ['revenue as an object', { revenue: usd }, read],
    ['$ as an object', { $: usd }, read],
    ['revenue as JSON text', { revenue: JSON.stringify(usd) }, read],
    ['$ as JSON text', { $: JSON.stringify(usd) }, read],
    ['an integer amount', { $: { amount: 15, currency: 'USD' } }, { amount: '15', currency: 'USD' }],
    ['a decimal text as amount', { $: { amount: '15.990', currency: 'USD' } }, read],
    ['revenue goes before $', { revenue: usd, $: { amount: 1, currency: 'EUR' } }, read],
    ['null falls through to $', { revenue: null, $: usd }, read],
    ['empty text blocks $', { revenue: '', $: usd }, undefined],
    ['an unknown currency is ignored', { $: { amount: 1, currency: 'XYZ' } }, undefined],
    ['an invalid amount is ignored', { $: { amount: '1,5', currency: 'USD' } }, undefined],
    ['text that is no JSON is ignored', { $: '15.99 USD' }, undefined],
    ['a number is ignored', { $: 15.99 }, undefined],
    ['a list is ignored', { $: [15.99, 'USD'] }, undefined],
    ['absent is none', {}, undefined],
  ])('%s', (_, changes, expected) => {
    expect(onlyEvent(decode(changes)).revenue).toEqual(expected)
  })
})

describe('the Idempotency-Key header', () => {
  const decodeWith = (key: string | readonly string[] | undefined) =>
    onlyEvent(decodePlausible(aWireRequest(aPlausibleBody(), { headers: { 'idempotency-key': key } })))

  it.each<[string, string | readonly string[] | undefined, string | undefined]>([
    ['is the client event id', '8e03978e-40d5', '8e03978e-40d5'],
    ['may have 200 bytes', 'k'.repeat(200), 'k'.repeat(200)],
    ['is ignored above 200 bytes', 'k'.repeat(201), undefined],
    ['is ignored when not printable', 'k\u0007', undefined],
    ['is ignored when not ASCII', 'é', undefined],
    ['is ignored when empty', '', undefined],
    ['counts once', ['a', 'b'], 'a'],
    ['is absent when not sent', undefined, undefined],
  ])('%s', (_, key, expected) => {
    expect(decodeWith(key).clientEventId).toBe(expected)
  })
})

describe('2 other fields', () => {
  it('ignores unknown ones and the version of the tracker', () => {
    const plain = onlyEvent(decode({}))
    expect(onlyEvent(decode({ w: 800, screen_width: 1, v: 'x', title: 'T', constructor: {} }))).toStrictEqual(
      plain,
    )
  })

  it('leaves title empty and names no visitor', () => {
    expect(onlyEvent(decode({}))).toStrictEqual({
      sites: ['example.com'],
      name: 'pageview',
      hostname: 'example.com',
      pathname: '/page',
      query: '',
      title: '',
      referrer: '',
      props: [],
      interactive: true,
      scrollDepth: 0,
      engagementMs: 0,
    })
  })
})

describe('12 what clients post', () => {
  const u = 'https://shop.example.com/shoes?utm_source=news#top'
  const page = {
    sites: ['shop.example.com'],
    hostname: 'shop.example.com',
    pathname: '/shoes',
    query: 'utm_source=news',
  }
  it.each<[string, object, object, string?]>([
    [
      '@plausible-analytics/tracker',
      { n: 'pageview', v: 36, u, d: 'shop.example.com', r: null, p: { plan: 'pro', n: 3, b: true }, h: 1 },
      {
        ...page,
        name: 'pageview',
        pathname: '/shoes#top',
        props: [
          ['b', 'true'],
          ['n', '3'],
          ['plan', 'pro'],
        ],
      },
    ],
    [
      '@plausible-analytics/tracker, revenue and not interactive',
      { n: 'Buy', v: 36, u, d: 'shop.example.com', r: null, $: { amount: 15.99, currency: 'USD' }, i: false },
      { ...page, name: 'Buy', interactive: false, revenue: { amount: '15.99', currency: 'USD' } },
    ],
    [
      '@plausible-analytics/tracker, engagement',
      { n: 'engagement', sd: 70, d: 'shop.example.com', u, p: {}, e: 746, v: 36 },
      { ...page, name: 'engagement', scrollDepth: 70, engagementMs: 746 },
    ],
    [
      'plausible-tracker',
      { n: 'Signup', u, d: 'shop.example.com', r: null, w: 800, h: 0, p: '{"plan":"pro","n":3}' },
      {
        ...page,
        name: 'Signup',
        props: [
          ['n', '3'],
          ['plan', 'pro'],
        ],
      },
    ],
    [
      '@barbapapazes/plausible-tracker',
      { n: 'Buy', u, d: 'shop.example.com', r: '', w: 800, h: 0, $: { currency: 'EUR', amount: 7 } },
      { ...page, referrer: '', revenue: { amount: '7', currency: 'EUR' } },
    ],
    [
      'plausible-client',
      { n: 'Buy', u, d: 'shop.example.com', r: null, w: 800, revenue: '{"currency":"EUR","amount":7.5}' },
      { ...page, revenue: { amount: '7.5', currency: 'EUR' } },
    ],
    [
      'plausible-telemetry',
      { name: 'build', url: 'telemetry://tool/build', domain: 'shop.example.com', screen_width: 1 },
      { sites: ['shop.example.com'], name: 'build', hostname: 'tool', pathname: '/build' },
      '',
    ],
  ])('%s is understood', (_, body, expected, contentType = 'text/plain') => {
    expect(onlyEvent(decodePlausible(aWireRequest(body, { contentType })))).toMatchObject(expected)
  })
})
