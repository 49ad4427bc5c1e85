import { describe, expect, it } from 'vitest'
import { aPlausibleBody, aWireRequest, onlyEvent, refusedErrors } from '../testing.ts'
import { decodePlausible } from './decode.ts'

const decode = (changes: Readonly<Record<string, unknown>>) =>
  decodePlausible(aWireRequest(aPlausibleBody({ n: 'Signup', ...changes })))
const propsOf = (changes: Readonly<Record<string, unknown>>) => onlyEvent(decode(changes)).props
const numbered = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${String(index).padStart(3, '0')}`, 'v']))

const tooLong = { props: ['keys should have at most 300 bytes and values 2000 bytes'] }

describe('6 custom properties', () => {
  it.each<[string, object, [string, string][]]>([
    ['m is first', { m: { a: '1' }, meta: { b: '1' }, p: { c: '1' }, props: { d: '1' } }, [['a', '1']]],
    ['then meta', { m: null, meta: { b: '1' }, p: { c: '1' }, props: { d: '1' } }, [['b', '1']]],
    ['then p', { m: false, p: { c: '1' }, props: { d: '1' } }, [['c', '1']]],
    ['then props', { props: { d: '1' } }, [['d', '1']]],
    ['empty text blocks the next name', { m: '', p: { c: '1' } }, []],
    ['an empty object blocks the next name', { m: {}, p: { c: '1' } }, []],
    [
      'JSON text of an object is decoded',
      { p: '{"plan":"pro","n":3}' },
      [
        ['n', '3'],
        ['plan', 'pro'],
      ],
    ],
    ['JSON text of anything else is none', { p: '[1]' }, []],
    ['JSON text of JSON text is none', { p: '"{}"' }, []],
    ['text that is no JSON is none', { p: 'plan=pro' }, []],
    ['a list is none', { p: ['a'] }, []],
    ['a number is none', { p: 5 }, []],
  ])('1: %s', (_, changes, expected) => {
    expect(propsOf(changes as Record<string, unknown>)).toEqual(expected)
  })

  it.each<[string, object]>([
    ['a list', { a: ['x'] }],
    ['an object', { a: {} }],
    ['null', { a: null }],
    ['an empty value', { a: '' }],
    ['a blank value', { a: ' \t\u3000\n' }],
    ['an empty key', { '': 'x' }],
    ['a blank key', { '  ': 'x' }],
  ])('2: an entry with %s is left out', (_, p) => {
    expect(propsOf({ p: { ...p, kept: 'y' } })).toEqual([['kept', 'y']])
  })

  it.each<[unknown, string]>([
    [true, 'true'],
    [false, 'false'],
    [12, '12'],
    [0, '0'],
    [-1.5, '-1.5'],
    [' a  b ', ' a  b '],
    ['a\u0000b', 'a\u0000b'],
  ])('3: %j becomes the text %j', (value, expected) => {
    expect(propsOf({ p: { a: value } })).toEqual([['a', expected]])
  })

  it.each<[string, string]>([
    ['12.0', '12.0'],
    ['-3.00', '-3.0'],
    ['0.0', '0.0'],
    ['1.50', '1.5'],
    ['12345678901234567890', '12345678901234567890'],
    ['9007199254740993', '9007199254740993'],
    ['-9007199254740993', '-9007199254740993'],
    ['12', '12'],
  ])('3: the number %s becomes the text %j, as an object and as JSON text', (number, expected) => {
    const p = `{"text":"1.0 \\" 2.0","a":${number}}`
    const expectedProps = [
      ['a', expected],
      ['text', '1.0 " 2.0'],
    ]
    const body = (props: string) => `{"n":"x","u":"/","d":"a","p":${props}}`
    for (const contentType of ['text/plain', 'application/json']) {
      const asObject = aWireRequest(body(p), { contentType })
      expect(onlyEvent(decodePlausible(asObject)).props).toEqual(expectedProps)
      const asText = aWireRequest(body(JSON.stringify(p)), { contentType })
      expect(onlyEvent(decodePlausible(asText)).props).toEqual(expectedProps)
    }
    const form = `n=x&u=/&d=a&p=${encodeURIComponent(p)}`
    const inForm = aWireRequest(form, { contentType: 'application/x-www-form-urlencoded' })
    expect(onlyEvent(decodePlausible(inForm)).props).toEqual(expectedProps)
  })

  it.each(['404', 'WP Form Completions', 'Form: Submission'])('4: %s gets the pathname as its path', (n) => {
    const u = 'https://example.com/lost%20page?q'
    expect(propsOf({ n, u })).toEqual([['path', '/lost page']])
    expect(propsOf({ n, u, p: { path: '/given' } })).toEqual([['path', '/given']])
    expect(propsOf({ n, u, p: { path: ' ' } })).toEqual([['path', '/lost page']])
    expect(propsOf({ n, u, p: { path: ['x'], a: '1' } })).toEqual([
      ['a', '1'],
      ['path', '/lost page'],
    ])
  })

  it('4: the integer 404 is that name too', () => {
    expect(propsOf({ n: 404 })).toEqual([['path', '/page']])
  })

  it.each(['pageview', '404 ', 'form: submission'])('4: %j gets no path', (n) => {
    expect(propsOf({ n })).toEqual([])
  })

  it('4: the limit of entries cannot lose the path', () => {
    expect(propsOf({ n: '404', p: numbered(40) })).toContainEqual(['path', '/page'])
    const late = propsOf({ n: '404', p: { ...numbered(40), path: '/given' } })
    expect(late).toContainEqual(['path', '/given'])
    expect(late).toHaveLength(30)
  })

  it('5: of more than 30 entries 30 stay, left-out ones not counted', () => {
    expect(propsOf({ p: numbered(30) })).toHaveLength(30)
    expect(propsOf({ p: numbered(31) })).toHaveLength(30)
    expect(propsOf({ p: { a: null, b: '', c: [], ...numbered(30) } })).toHaveLength(30)
  })

  it.each<[string, object]>([
    ['a key of 301 bytes', { ['k'.repeat(301)]: 'v' }],
    ['a key of 300 characters and 301 bytes', { [`${'k'.repeat(299)}é`]: 'v' }],
    ['a value of 2,001 bytes', { k: 'v'.repeat(2_001) }],
    ['a value of 1,001 characters and 2,002 bytes', { k: 'é'.repeat(1_001) }],
  ])('6: %s refuses the post', (_, p) => {
    expect(refusedErrors(decode({ p }))).toEqual(tooLong)
  })

  it('6: a key of 300 and a value of 2,000 bytes are kept', () => {
    const entry: [string, string] = ['é'.repeat(150), '€'.repeat(666) + 'ab']
    expect(propsOf({ p: Object.fromEntries([entry]) })).toEqual([entry])
  })

  it('6: an entry that the limit of 30 cut does not count', () => {
    expect(propsOf({ p: { ...numbered(30), z: 'v'.repeat(3_000) } })).toHaveLength(30)
  })

  it('7: keys are ascending', () => {
    expect(propsOf({ p: { c: '1', a: '2', b: '3' } }).map(([key]) => key)).toEqual(['a', 'b', 'c'])
  })

  it.each(['pageview', 'engagement', 'Signup'])('7: the event %s carries props', (n) => {
    expect(propsOf({ n, sd: 1, p: { a: '1' } })).toEqual([['a', '1']])
  })

  it('takes the prototype for a key like any other', () => {
    const p = '{"__proto__":"x","constructor":"y","hasOwnProperty":"z"}'
    const expected = [
      ['__proto__', 'x'],
      ['constructor', 'y'],
      ['hasOwnProperty', 'z'],
    ]
    expect(propsOf({ p })).toEqual(expected)
    const body = `{"n":"x","u":"/","d":"a","__proto__":{"n":"y"},"p":${p}}`
    expect(onlyEvent(decodePlausible(aWireRequest(body)))).toMatchObject({ name: 'x', props: expected })
  })
})
