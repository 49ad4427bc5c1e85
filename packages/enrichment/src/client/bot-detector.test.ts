import { describe, expect, test } from 'vitest'
import { BotDetector, botUserAgentCharsMax } from './bot-detector.ts'

const bots = new BotDetector()

test.each([
  ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'google'],
  [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36',
    'headless',
  ],
  ['curl/8.5.0', 'curl'],
  ['python-requests/2.31.0', 'python-requests'],
  ['Go-http-client/1.1', 'go-http-client'],
  [
    'Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1 Safari/538.1',
    'phantomjs',
  ],
  ['Mozilla/5.0 (linux) AppleWebKit/537.36 (KHTML, like Gecko) jsdom/22.1.0', 'jsdom'],
])('%s is a bot, by %s', (userAgent, reason) => {
  expect(bots.reason(userAgent)).toBe(reason)
})

test.each([
  '',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0',
])('%j is no bot', (userAgent) => {
  expect(bots.reason(userAgent)).toBeUndefined()
})

describe('the memory of user agents', () => {
  test('gives the same answer again, also after older ones were forgotten', () => {
    const small = new BotDetector({ cacheEntriesMax: 2 })
    for (let round = 0; round < 3; round++) {
      expect(small.reason('curl/8.5.0')).toBe('curl')
      expect(
        small.reason('Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0'),
      ).toBeUndefined()
      expect(small.reason('wget/1.21')).toBeDefined()
    }
  })

  test('looks at a bounded part of an endless one', () => {
    const browser = 'Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0 '
    expect(bots.reason(`${browser} Googlebot`)).toBe('google')
    expect(bots.reason(`${browser}${'x'.repeat(botUserAgentCharsMax)} Googlebot`)).toBeUndefined()
  })
})
