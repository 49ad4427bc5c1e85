import { describe, expect, it } from 'vitest'
import { aPlausibleBody, aWireRequest, onlyEvent, refusedErrors } from '../testing.ts'
import { decodePlausible } from './decode.ts'

const decode = (changes: Readonly<Record<string, unknown>>) =>
  decodePlausible(aWireRequest(aPlausibleBody(changes)))
const blankDomain = { domain: ["can't be blank"] }

describe('2.2 sites', () => {
  it.each<[string, object, string[]]>([
    ['text is trimmed', { d: ' a.com \n' }, ['a.com']],
    ['commas split', { d: 'a.com,b.com' }, ['a.com', 'b.com']],
    ['each part is trimmed', { d: 'a.com , b.com' }, ['a.com', 'b.com']],
    ['each part loses a leading www.', { d: 'www.a.com, www.b.com' }, ['a.com', 'b.com']],
    ['a repeat stays', { d: 'a.com,a.com' }, ['a.com', 'a.com']],
    ['an empty part stays as the empty site', { d: 'a.com,' }, ['a.com', '']],
    ['a comma is two empty sites', { d: ',' }, ['', '']],
    ['case stays', { d: 'A.com' }, ['A.com']],
    ['domain is the long name', { d: undefined, domain: 'b.com' }, ['b.com']],
    ['missing falls back to the host', { d: undefined }, ['example.com']],
    ['null falls back to the host', { d: null }, ['example.com']],
    ['false falls back to the next name', { d: false, domain: 'b.com' }, ['b.com']],
    ['a number is no text and falls back to the host', { d: 5, domain: 'b.com' }, ['example.com']],
    ['a list falls back to the host', { d: ['a.com'] }, ['example.com']],
    ['the host loses www.', { d: undefined, u: 'https://www.example.com/' }, ['example.com']],
    ['an empty host is the empty site', { d: undefined, u: 'file:///x' }, ['']],
  ])('%s', (_, changes, expected) => {
    expect(onlyEvent(decode(changes as Record<string, unknown>)).sites).toEqual(expected)
  })

  it.each<[string, object]>([
    ['empty text', { d: '' }],
    ['whitespace', { d: ' \t' }],
    ['empty text before a long name', { d: '', domain: 'a.com' }],
    ['no host to fall back to', { d: undefined, u: 'about:config' }],
  ])('%s is refused', (_, changes) => {
    expect(refusedErrors(decode(changes as Record<string, unknown>))).toEqual(blankDomain)
  })

  it('100 sites are accepted and 101 refused', () => {
    expect(onlyEvent(decode({ d: Array(100).fill('a').join() })).sites).toHaveLength(100)
    const errors = { domain: ['should be at most 100 site(s)'] }
    expect(refusedErrors(decode({ d: Array(101).fill('a').join() }))).toEqual(errors)
  })

  it('a site longer than any host name is refused', () => {
    expect(onlyEvent(decode({ d: 'a'.repeat(255) })).sites).toEqual(['a'.repeat(255)])
    expect(refusedErrors(decode({ d: 'a'.repeat(256) }))).toEqual({
      domain: ['should be at most 255 byte(s)'],
    })
  })
})

describe('2 and 1.2 page URL', () => {
  it.each<[string, object, Record<string, string[]>]>([
    ['missing', { u: undefined }, { url: ['is required'] }],
    ['null', { u: null }, { url: ['is required'] }],
    ['a number', { u: 5 }, { url: ['must be a valid url'] }],
    ['true', { u: true }, { url: ['must be a valid url'] }],
    ['an object', { u: {} }, { url: ['must be a valid url'] }],
    ['a number before a long name', { u: 0, url: '/' }, { url: ['must be a valid url'] }],
    ['2,001 bytes', { u: `/${'a'.repeat(2_000)}` }, { url: ['must be a valid url'] }],
    ['1,001 characters and 2,001 bytes', { u: `/${'é'.repeat(1_000)}` }, { url: ['must be a valid url'] }],
    ['data:', { u: 'data:text/html,x' }, { url: ['scheme is not allowed'] }],
    ['DATA: in any case', { u: 'DaTa:,x' }, { url: ['scheme is not allowed'] }],
    ['a path of nothing', { u: 'about:%20%09' }, { pathname: ["can't be blank"] }],
  ])('%s is refused', (_, changes, expected) => {
    expect(refusedErrors(decode(changes as Record<string, unknown>))).toEqual(expected)
  })

  it.each<[string, object, object]>([
    ['2,000 bytes', { u: `/${'a'.repeat(1_999)}` }, { pathname: `/${'a'.repeat(1_999)}` }],
    ['the long name', { u: null, url: '/long' }, { pathname: '/long' }],
    [
      'empty text, which keeps the long name unread',
      { u: '', url: '/long' },
      { hostname: '(none)', pathname: '/' },
    ],
    ['a scheme that only begins with data', { u: 'database:x' }, { pathname: 'x' }],
  ])('%s is accepted', (_, changes, expected) => {
    expect(onlyEvent(decode(changes as Record<string, unknown>))).toMatchObject(expected)
  })

  it('carries the query undecoded', () => {
    expect(onlyEvent(decode({ u: '/?utm_source=a+b&ref=%20#x' })).query).toBe('utm_source=a+b&ref=%20')
  })
})

describe('2 hash mode', () => {
  const u = 'https://example.com/a#b'
  it.each<[string, object, string]>([
    ['1 switches it on', { h: 1 }, '/a#b'],
    ['"1" switches it on', { h: '1' }, '/a#b'],
    ['"+1" switches it on', { h: '+1' }, '/a#b'],
    ['the long name works', { hashMode: 1 }, '/a#b'],
    ['null is absent', { h: null, hashMode: 1 }, '/a#b'],
    ['false is absent', { h: false, hashMode: 1 }, '/a#b'],
    ['0 is a value and blocks the long name', { h: 0, hashMode: 1 }, '/a'],
    ['empty text is off', { h: '', hashMode: 1 }, '/a'],
    ['2 does not switch it on', { h: 2 }, '/a'],
    ['-1 does not switch it on', { h: -1 }, '/a'],
    ['absent is off', {}, '/a'],
  ])('%s', (_, changes, expected) => {
    expect(onlyEvent(decode({ u, ...changes })).pathname).toBe(expected)
  })

  it.each([true, 'yes', '1.0', '1 ', 1.5, {}, []])('1.2: %j is refused', (h) => {
    expect(refusedErrors(decode({ u, h }))).toEqual({ hash_mode: ['is invalid'] })
  })
})

describe('2 and 2.1 referrer', () => {
  const family = '👨‍👩‍👧‍👦'
  it.each<[string, object, string]>([
    ['r is the short name', { r: 'https://a.example/', referrer: 'b' }, 'https://a.example/'],
    ['referrer is the long name', { r: null, referrer: 'b' }, 'b'],
    ['empty text blocks the long name', { r: '', referrer: 'b' }, ''],
    ['a number is ignored', { r: 5, referrer: 'b' }, ''],
    ['an object is ignored', { r: {} }, ''],
    ['absent is empty', {}, ''],
    ['2,000 characters are kept', { r: 'é'.repeat(2_000) }, 'é'.repeat(2_000)],
    ['the 2,001st character is cut', { r: 'é'.repeat(2_001) }, 'é'.repeat(2_000)],
    ['plain text is cut the same', { r: 'e'.repeat(2_500) }, 'e'.repeat(2_000)],
    ['a family is one character', { r: `${'a'.repeat(1_999)}${family}b` }, `${'a'.repeat(1_999)}${family}`],
    ['a tower of accents is not endless', { r: `ab${'\u0301'.repeat(100_000)}` }, 'a'],
  ])('%s', (_, changes, expected) => {
    expect(onlyEvent(decode(changes as Record<string, unknown>)).referrer).toBe(expected)
  })

  it('the HTTP header Referer is never used', () => {
    const request = aWireRequest(aPlausibleBody(), { headers: { referer: 'https://a.example/' } })
    expect(onlyEvent(decodePlausible(request)).referrer).toBe('')
  })
})
