import { describe, expect, test } from 'vitest'
import { IabList, iabRowsMax } from './iab-list.ts'

const march2026 = Date.UTC(2026, 2, 23, 12)

function listOf(files: { browsers?: string[]; robots?: string[]; addresses?: string[] }): IabList {
  const { browsers = ['mozilla|1|1'], robots = [], addresses = [] } = files
  return new IabList(
    { browsers: browsers.join('\n'), robots: robots.join('\r\n'), addresses: addresses.join('\n') },
    march2026,
  )
}

describe('browser patterns', () => {
  test.each<[string, string[], string, string | undefined]>([
    ['a part of the user agent', ['Browser|1|0'], 'some browser/1', undefined],
    ['another user agent', ['Browser|1|0'], 'robot', 'iab:unlisted'],
    ['the beginning, where the row says so', ['Browser|1|1'], 'BROWSER/1', undefined],
    ['a part, where only the beginning counts', ['Browser|1|1'], 'my browser/1', 'iab:unlisted'],
    ['a row that is not active', ['Browser|0|0'], 'browser', 'iab:unlisted'],
    ['a row that ends later', ['Browser|0|0|03/24/2026'], 'browser', undefined],
    ['a row that ended', ['Browser|0|0|03/23/2026'], 'browser', 'iab:unlisted'],
    ['a row that is active past its date', ['Browser|1|0|01/01/2020'], 'browser', undefined],
    ['a row without its last fields', ['Browser|1'], 'browser', undefined],
    ['a comment', ['#Browser|1|0'], 'browser', 'iab:unlisted'],
    ['one of several rows', ['a|1|0', '', '# none', 'Browser|1|0'], 'browser', undefined],
    ['no row at all', [], 'browser', 'iab:unlisted'],
  ])('judge %s', (_, browsers, userAgent, reason) => {
    expect(listOf({ browsers }).userAgentReason(userAgent)).toBe(reason)
  })
})

describe('robot patterns', () => {
  test.each<[string, string[], string, string | undefined]>([
    ['a part of the user agent', ['Robot|1|||0|0'], 'mozilla robot', 'iab:robot'],
    ['another user agent', ['Robot|1|||0|0'], 'mozilla chrome', undefined],
    ['the beginning, where the row says so', ['Mozilla R|1|||2|1'], 'mozilla robot', 'iab:robot'],
    ['a part, where only the beginning counts', ['Robot|1|||2|1'], 'mozilla robot', undefined],
    ['an exception', ['cho|1|boncho, ChoArena||0|0'], 'mozilla CHOARENA', undefined],
    [
      'an exception of another row',
      ['cho|1|boncho||0|0', 'arena|1|||0|0'],
      'mozilla boncho arena',
      'iab:robot',
    ],
    ['a user agent without the exception', ['cho|1|boncho||0|0'], 'mozilla cho', 'iab:robot'],
    ['empty exceptions', ['cho|1| , ||0|0'], 'mozilla cho', 'iab:robot'],
    ['a row that is not active', ['Robot|0|||0|0'], 'mozilla robot', undefined],
    ['a robot that is inactive by now', ['Robot|0|||0|0|01/01/2020'], 'mozilla robot', 'iab:robot'],
    ['a date that is none', ['Robot|0|||0|0|soon'], 'mozilla robot', undefined],
    ['a comment', ['#Robot|1|||0|0'], 'mozilla robot', undefined],
  ])('judge %s', (_, robots, userAgent, reason) => {
    expect(listOf({ robots }).userAgentReason(userAgent)).toBe(reason)
  })

  test('come after the browser patterns', () => {
    expect(listOf({ robots: ['robot|1|||0|0'] }).userAgentReason('robot')).toBe('iab:unlisted')
  })
})

describe('addresses', () => {
  const list = listOf({
    addresses: ['# robots', '192.0.2.7', '198.51.100.9/24', '198.51.101.0/24', '2001:db8::/32'],
  })

  test.each([
    ['192.0.2.7', true],
    ['192.0.2.6', false],
    ['192.0.2.8', false],
    ['198.51.100.0', true],
    ['198.51.101.255', true],
    ['198.51.102.0', false],
    ['198.51.99.255', false],
    ['0.0.0.0', false],
    ['255.255.255.255', false],
    ['2001:db8::1', true],
    ['2001:db9::1', false],
    ['', false],
    ['nonsense', false],
  ])('%s is listed: %s', (ip, isListed) => {
    expect(list.addressReason(ip)).toBe(isListed ? 'iab:address' : undefined)
  })

  test('may all be listed', () => {
    expect(listOf({ addresses: ['0.0.0.0/0'] }).addressReason('203.0.113.5')).toBe('iab:address')
  })
})

test.each<[string, Parameters<typeof listOf>[0], string]>([
  ['a flag that is none', { browsers: ['a|1|0', 'b|yes|0'] }, 'browsers, line 2: expected 0 or 1 as a flag'],
  ['a row without a pattern', { robots: ['|1|||0|0'] }, 'robots, line 1: has no pattern'],
  [
    'an address that is none',
    { addresses: ['300.1.1.1'] },
    'addresses: "300.1.1.1" is not an address or CIDR',
  ],
  [
    'an impossible prefix',
    { addresses: ['1.1.1.1/33'] },
    'addresses: "1.1.1.1/33" is not an address or CIDR',
  ],
  [
    'too many lines',
    { robots: Array<string>(iabRowsMax + 1).fill('') },
    'robots: 100001 lines, at most 100000',
  ],
])('refuses %s', (_, files, message) => {
  expect(() => listOf(files)).toThrow(message)
})
