import type { ClientHints } from '@millrace/events'
import { describe, expect, test } from 'vitest'
import { UserAgentReader, userAgentCacheBytesMax, userAgentCharsMax } from './user-agent-reader.ts'
import { majorMinor } from './version.ts'

const reader = new UserAgentReader()
const read = (userAgent: string, hints?: ClientHints) => {
  const { browser, browserVersion, os, osVersion, device } = reader.read(userAgent, hints)
  return [browser, browserVersion, os, osVersion, device]
}

const webKit = 'AppleWebKit/537.36 (KHTML, like Gecko)'
const windowsChrome = `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webKit} Chrome/140.0.0.0 Safari/537.36`
const macChrome = `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${webKit} Chrome/70.0.3538.77 Safari/537.36`
const linuxChrome = `Mozilla/5.0 (X11; Linux x86_64) ${webKit} Chrome/140.0.0.0 Safari/537.36`
const androidChrome = `Mozilla/5.0 (Linux; Android 10; K) ${webKit} Chrome/140.0.0.0 Mobile Safari/537.36`
const androidTablet = `Mozilla/5.0 (Linux; Android 10; K) ${webKit} Chrome/140.0.0.0 Safari/537.36`
const iPhone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)'

describe('user agents', () => {
  test.each([
    ['Chrome on Windows', windowsChrome, ['Chrome', '140.0', 'Windows', '10', 'Desktop']],
    ['Chrome on a Mac', macChrome, ['Chrome', '70.0', 'Mac', '10.15', 'Desktop']],
    ['Chrome on Linux', linuxChrome, ['Chrome', '140.0', 'GNU/Linux', '', 'Desktop']],
    ['Chrome Mobile', androidChrome, ['Chrome', '140.0', 'Android', '10', 'Mobile']],
    ['Chrome on an Android tablet', androidTablet, ['Chrome', '140.0', 'Android', '10', 'Tablet']],
    [
      'Chrome Mobile iOS',
      `${iPhone} CriOS/140.0.7339.101 Mobile/15E148 Safari/604.1`,
      ['Chrome', '140.0', 'iOS', '18.6', 'Mobile'],
    ],
    [
      'Chrome on a Chromebook',
      `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${webKit} Chrome/140.0.0.0 Safari/537.36`,
      ['Chrome', '140.0', 'Chrome OS', '14541.0', 'Desktop'],
    ],
    [
      'Mobile Safari',
      `${iPhone} Version/18.6 Mobile/15E148 Safari/604.1`,
      ['Safari', '18.6', 'iOS', '18.6', 'Mobile'],
    ],
    [
      'Safari on an iPad',
      'Mozilla/5.0 (iPad; CPU OS 16_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.5 Mobile/15E148 Safari/604.1',
      ['Safari', '16.5', 'iPadOS', '16.5', 'Tablet'],
    ],
    [
      'Safari on an old iPad',
      'Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1 Mobile/15E148 Safari/604.1',
      ['Safari', '12.1', 'iOS', '12.5', 'Tablet'],
    ],
    [
      'Safari on a Mac',
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
      ['Safari', '18.5', 'Mac', '10.15', 'Desktop'],
    ],
    [
      'Firefox',
      'Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0',
      ['Firefox', '142.0', 'Ubuntu', '', 'Desktop'],
    ],
    [
      'Firefox Mobile',
      'Mozilla/5.0 (Android 14; Mobile; rv:142.0) Gecko/142.0 Firefox/142.0',
      ['Firefox', '142.0', 'Android', '14', 'Mobile'],
    ],
    [
      'Firefox Mobile iOS',
      `${iPhone} FxiOS/142.0 Mobile/15E148 Safari/605.1.15`,
      ['Firefox', '142.0', 'iOS', '18.6', 'Mobile'],
    ],
    [
      'Microsoft Edge',
      `${windowsChrome} Edg/140.0.3485.54`,
      ['Microsoft Edge', '140.0', 'Windows', '10', 'Desktop'],
    ],
    [
      'Internet Explorer',
      'Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko',
      ['Internet Explorer', '11.0', 'Windows', '7', 'Desktop'],
    ],
    ['Opera', `${windowsChrome} OPR/121.0.0.0`, ['Opera', '121.0', 'Windows', '10', 'Desktop']],
    [
      'Opera Mini',
      'Opera/9.80 (Android; Opera Mini/36.2.2254/119.132; U; en) Presto/2.12.423 Version/12.16',
      ['Opera', '36.2', 'Android', '', 'Mobile'],
    ],
    [
      'Samsung Browser',
      `Mozilla/5.0 (Linux; Android 10; K) ${webKit} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
      ['Samsung Browser', '28.0', 'Android', '10', 'Mobile'],
    ],
    [
      'Yandex Browser',
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webKit} Chrome/138.0.0.0 YaBrowser/25.8.0.0 Safari/537.36`,
      ['Yandex Browser', '25.8', 'Windows', '10', 'Desktop'],
    ],
    [
      'an Android web view',
      `Mozilla/5.0 (Linux; Android 14; SM-S911B Build/UP1A; wv) ${webKit} Version/4.0 Chrome/140.0.7339.51 Mobile Safari/537.36`,
      ['Mobile App', '140.0', 'Android', '14', 'Mobile'],
    ],
    [
      'Facebook',
      `${iPhone} Mobile/15E148 [FBAN/FBIOS;FBAV/500.0.0.50;FBBV/1]`,
      ['Mobile App', '', 'iOS', '18.6', 'Mobile'],
    ],
    [
      'Instagram',
      `${iPhone} Mobile/15E148 Instagram 390.0.0.28.85`,
      ['Mobile App', '', 'iOS', '18.6', 'Mobile'],
    ],
    [
      'the Google app',
      `${iPhone} GSA/380.0.788317806 Mobile/15E148 Safari/604.1`,
      ['Mobile App', '', 'iOS', '18.6', 'Mobile'],
    ],
    ['a bare web view on iOS', `${iPhone} Mobile/15E148`, ['Safari', '', 'iOS', '18.6', 'Mobile']],
    [
      'a television',
      `Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) ${webKit} 76.0.3809.146/6.0 TV Safari/537.36`,
      ['Safari', '', 'Tizen', '6.0', 'Desktop'],
    ],
    [
      'a console',
      `Mozilla/5.0 (PlayStation; PlayStation 5/2.26) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15`,
      ['NetFront', '', 'PlayStation', '5', 'Desktop'],
    ],
    ['nothing', '', ['', '', '', '', '']],
    ['nonsense', 'hello world', ['', '', '', '', '']],
  ])('reads %s', (_, userAgent, facts) => {
    expect(read(userAgent)).toEqual(facts)
  })
})

describe('client hints', () => {
  const brands = (brand: string, version: string) =>
    `"Chromium";v="140.0.7339.81", "Not=A?Brand";v="24.0.0.0", "${brand}";v="${version}"`

  test.each<[string, string, ClientHints, string[]]>([
    [
      'Windows 11',
      windowsChrome,
      { platform: '"Windows"', platformVersion: '"15.0.0"' },
      ['Chrome', '140.0', 'Windows', '11', 'Desktop'],
    ],
    [
      'the first Windows 11',
      windowsChrome,
      { platform: '"Windows"', platformVersion: '"13.0.0"' },
      ['Chrome', '140.0', 'Windows', '11', 'Desktop'],
    ],
    [
      'Windows 10',
      windowsChrome,
      { platform: '"Windows"', platformVersion: '"10.0.0"' },
      ['Chrome', '140.0', 'Windows', '10', 'Desktop'],
    ],
    [
      'Windows 8.1',
      windowsChrome,
      { platform: '"Windows"', platformVersion: '"0.3.0"' },
      ['Chrome', '140.0', 'Windows', '8.1', 'Desktop'],
    ],
    [
      'Windows without a version',
      windowsChrome,
      { platform: '"Windows"' },
      ['Chrome', '140.0', 'Windows', '10', 'Desktop'],
    ],
    [
      'the true version of macOS',
      macChrome,
      { platform: '"macOS"', platformVersion: '"15.6.1"' },
      ['Chrome', '70.0', 'Mac', '15.6', 'Desktop'],
    ],
    [
      'the true version of Android',
      androidChrome,
      { platform: '"Android"', platformVersion: '"16.0.0"', mobile: '?1' },
      ['Chrome', '140.0', 'Android', '16.0', 'Mobile'],
    ],
    [
      'a phone that plays desktop',
      linuxChrome,
      { platform: '"Android"', platformVersion: '"16.0.0"', mobile: '?1' },
      ['Chrome', '140.0', 'Android', '16.0', 'Mobile'],
    ],
    [
      'a distribution of Linux',
      `Mozilla/5.0 (X11; Ubuntu; Linux x86_64) ${webKit} Chrome/140.0.0.0 Safari/537.36`,
      { platform: '"Linux"' },
      ['Chrome', '140.0', 'Ubuntu', '', 'Desktop'],
    ],
    [
      'a Chromebook',
      linuxChrome,
      { platform: '"Chromium OS"' },
      ['Chrome', '140.0', 'Chrome OS', '', 'Desktop'],
    ],
    [
      'Google Chrome',
      windowsChrome,
      { brands: brands('Google Chrome', '140.0.7339.81') },
      ['Chrome', '140.0', 'Windows', '10', 'Desktop'],
    ],
    [
      'Brave',
      windowsChrome,
      { brands: brands('Brave', '1.82.161') },
      ['Brave', '1.82', 'Windows', '10', 'Desktop'],
    ],
    [
      'a brand with a major alone',
      windowsChrome,
      { brands: brands('Brave', '140') },
      ['Brave', '140.0', 'Windows', '10', 'Desktop'],
    ],
    [
      'a major that differs',
      windowsChrome,
      { brands: brands('Opera', '121') },
      ['Opera', '121.0', 'Windows', '10', 'Desktop'],
    ],
    [
      'the engine alone, so that the user agent says which browser',
      windowsChrome,
      { brands: '"Chromium";v="140", "Not=A?Brand";v="24"' },
      ['Chrome', '140.0', 'Windows', '10', 'Desktop'],
    ],
    [
      'a brand nobody knows',
      windowsChrome,
      { brands: '"Not;A Brand";v="99", "EvilCorp";v="1"' },
      ['Chrome', '140.0', 'Windows', '10', 'Desktop'],
    ],
    ['broken brands', windowsChrome, { brands: '"""";;v=' }, ['Chrome', '140.0', 'Windows', '10', 'Desktop']],
    [
      'brands over an app',
      `${iPhone} Mobile/15E148 Instagram 390.0.0.28.85`,
      { brands: brands('Google Chrome', '140') },
      ['Mobile App', '', 'iOS', '18.6', 'Mobile'],
    ],
    [
      'an unknown platform',
      windowsChrome,
      { platform: '"Plan 10"' },
      ['Chrome', '140.0', 'Windows', '10', 'Desktop'],
    ],
  ])('tell %s', (_, userAgent, hints, facts) => {
    expect(read(userAgent, hints)).toEqual(facts)
  })
})

/** Plausible, section 5.4: variants of a browser folded into one name. */
describe('one name', () => {
  const k = `Mozilla/5.0 (Linux; Android 10; K) ${webKit}`
  test.each([
    ['Mobile Safari', 'Safari', `${iPhone} Version/18.6 Mobile/15E148 Safari/604.1`],
    ['Chrome Mobile', 'Chrome', androidChrome],
    ['Chrome Mobile iOS', 'Chrome', `${iPhone} CriOS/140.0.7339.101 Mobile/15E148 Safari/604.1`],
    ['Firefox Mobile', 'Firefox', 'Mozilla/5.0 (Android 14; Mobile; rv:142.0) Gecko/142.0 Firefox/142.0'],
    ['Firefox Mobile iOS', 'Firefox', `${iPhone} FxiOS/142.0 Mobile/15E148 Safari/605.1.15`],
    ['Opera Mobile', 'Opera', `${k} Chrome/138.0.0.0 Mobile Safari/537.36 OPR/91.0.0.0`],
    [
      'Opera Mini',
      'Opera',
      'Opera/9.80 (J2ME/MIDP; Opera Mini/9.80/35.5706; U; en) Presto/2.8.119 Version/11.10',
    ],
    ['Opera Mini iOS', 'Opera', `${iPhone} OPiOS/16.0.15.124050 Mobile/15E148 Safari/9537.53`],
    [
      'Yandex Browser Lite',
      'Yandex Browser',
      `${k} Version/4.0 Chrome/113.0.5672.163 YaBrowser/24.1.2.86 (lite) Mobile Safari/537.36`,
    ],
    [
      'Chrome Webview',
      'Mobile App',
      `Mozilla/5.0 (Linux; Android 14; SM-S911B; wv) ${webKit} Version/4.0 Chrome/140.0.7339.51 Mobile Safari/537.36`,
    ],
    ['a mobile app', 'Mobile App', `${iPhone} Mobile/15E148 [FBAN/FBIOS;FBAV/500.0.0.50]`],
    ['nobody knows which', '', 'Mozilla/5.0'],
  ])('stands for %s: %s', (_, browser, userAgent) => {
    expect(reader.read(userAgent).browser).toBe(browser)
  })
})

test('stays within its bytes, however long user agents and hints are', () => {
  const fresh = new UserAgentReader()
  const brands = 'x'.repeat(userAgentCharsMax)
  for (let i = 0; i < 9_000; i++) fresh.read(`${i} ${'ü'.repeat(userAgentCharsMax)}`, { brands })
  expect(fresh.cacheBytes).toBeLessThanOrEqual(userAgentCacheBytesMax)
  expect(fresh.cacheBytes).toBeGreaterThan(userAgentCacheBytesMax / 2)
})

test('gives nothing and takes its time in hand for what no browser sends', () => {
  const before = performance.now()
  for (const text of [
    '('.repeat(5_000),
    'Mozilla/5.0 '.repeat(500),
    'Android 10; '.repeat(500),
    '\0\uD800',
    'a/1 '.repeat(900),
  ]) {
    expect(() =>
      new UserAgentReader().read(text, { brands: '"'.repeat(500), model: ';)'.repeat(250) }),
    ).not.toThrow()
  }
  expect(performance.now() - before).toBeLessThan(2_000)
})

test('remembers user agents apart by their hints', () => {
  const small = new UserAgentReader({ cacheEntriesMax: 2 })
  for (let round = 0; round < 3; round++) {
    expect(small.read(windowsChrome).osVersion).toBe('10')
    expect(small.read(windowsChrome, { platform: '"Windows"', platformVersion: '"15.0.0"' }).osVersion).toBe(
      '11',
    )
    expect(small.read(linuxChrome).os).toBe('GNU/Linux')
  }
})

test.each([
  ['70.0.3538.77', '70.0'],
  ['10', '10'],
  ['16.5', '16.5'],
  ['', ''],
  [undefined, ''],
])('cuts version %j to %j', (version, cut) => {
  expect(majorMinor(version)).toBe(cut)
})
