import { describe, expect, test } from 'vitest'
import { BotDetector, botCacheBytesMax, botUserAgentCharsMax } from './bot-detector.ts'
import { IabList } from './iab-list.ts'

const bots = new BotDetector()
const chrome = (name: string) =>
  `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) ${name}/140.0.0.0 Safari/537.36`
const firefox = 'Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0'

test.each([
  ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'crawler:Googlebot'],
  [
    'Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
    'crawler:Googlebot',
  ],
  ['googlebot/2.1', 'crawler:Googlebot'],
  [
    'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36',
    'crawler:bingbot',
  ],
  [
    'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.2; +https://openai.com/gptbot',
    'crawler:GPTBot',
  ],
  ['Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)', 'crawler:AhrefsBot'],
  ['Mozilla/5.0 (compatible; MyVeryOwnBot/1.0)', 'crawler:other'],
  [chrome('HeadlessChrome'), 'headless'],
  [
    'Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1 Safari/538.1',
    'headless',
  ],
  ['Mozilla/5.0 (linux) AppleWebKit/537.36 (KHTML, like Gecko) jsdom/22.1.0', 'headless'],
  [`${chrome('Chrome')} Puppeteer`, 'automation:Puppeteer'],
  [`${chrome('Chrome')} Playwright/1.56`, 'automation:Playwright'],
  [`${chrome('Chrome')} Selenium`, 'automation:Selenium'],
  [`${chrome('Chrome')} Cypress/14.0.0`, 'automation:Cypress'],
  ['curl/8.5.0', 'library:curl'],
  ['Wget/1.21', 'library:Wget'],
  ['python-requests/2.31.0', 'library:python-requests'],
  ['Python/3.12 aiohttp/3.9.1', 'library:aiohttp'],
  ['Go-http-client/1.1', 'library:Go-http-client'],
  ['okhttp/4.12.0', 'library:okhttp'],
  ['axios/1.7.2', 'library:axios'],
  ['node', 'library:Node.js'],
  ['PostmanRuntime/7.43.0', 'library:Postman'],
  ['', 'empty_user_agent'],
  ['  \t ', 'empty_user_agent'],
])('%j is a bot, by %s', (userAgent, reason) => {
  expect(bots.reason(userAgent)).toBe(reason)
})

test.each([
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
  firefox,
  // A phone called Cubot, an Android build id and an in-app browser that lists of crawlers name.
  'Mozilla/5.0 (Linux; Android 10; CUBOT_X30) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (Linux; Android 15; Pixel 8 Build/AP3A.240617.008; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/140.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/500.0.0.50]',
])('%j is no bot', (userAgent) => {
  expect(bots.reason(userAgent)).toBeUndefined()
})

describe('client hints', () => {
  test.each([
    ['"Chromium";v="140", "HeadlessChrome";v="140", "Not=A?Brand";v="24"', 'headless'],
    ['"HeadlessEdg";v="140"', 'headless'],
    ['"Chromium";v="140", "Google Chrome";v="140", "Not=A?Brand";v="24"', undefined],
    ['', undefined],
  ])('of the brands %s say %s over a browser in the user agent', (brands, reason) => {
    expect(bots.reason(chrome('Chrome'), { clientHints: { brands } })).toBe(reason)
  })

  test('do not stick to the user agent', () => {
    const fresh = new BotDetector()
    const clientHints = { brands: '"HeadlessChrome";v="140"' }
    expect(fresh.reason(chrome('Chrome'), { clientHints })).toBe('headless')
    expect(fresh.reason(chrome('Chrome'))).toBeUndefined()
    expect(fresh.reason(chrome('Chrome'), { clientHints })).toBe('headless')
  })
})

describe('with the IAB/ABC list', () => {
  const iab = new IabList(
    {
      browsers: 'mozilla/|1|1',
      robots: 'acmewatch|1|acmewatch pro||2|0',
      addresses: '192.0.2.0/24',
    },
    Date.UTC(2026, 0, 1),
  )
  const listed = new BotDetector({ iab })

  test.each<[string, string, string | undefined, string | undefined]>([
    ['a listed address', firefox, '192.0.2.7', 'iab:address'],
    ['a listed address without a user agent', '', '192.0.2.7', 'iab:address'],
    ['an address before what the user agent says', 'curl/8.5.0', '192.0.2.7', 'iab:address'],
    ['another address', firefox, '198.51.100.7', undefined],
    ['no address', firefox, undefined, undefined],
    ['no user agent, which the list passes', '', '198.51.100.7', 'empty_user_agent'],
    ['what is no listed browser', 'MyApp/7 CFNetwork/3826.500.131 Darwin/24.5.0', undefined, 'iab:unlisted'],
    ['a listed robot', `${firefox} AcmeWatch/1`, undefined, 'iab:robot'],
    ['its exception', `${firefox} AcmeWatch Pro/1`, undefined, undefined],
    ['a bot that the list passes', `${firefox} (compatible; Googlebot/2.1)`, undefined, 'crawler:Googlebot'],
  ])('judges %s', (_, userAgent, ip, reason) => {
    expect(listed.reason(userAgent, { ip })).toBe(reason)
    expect(listed.reason(userAgent, { ip })).toBe(reason)
  })
})

describe('the memory of user agents', () => {
  test('gives the same answer again, also after older ones were forgotten', () => {
    const small = new BotDetector({ cacheEntriesMax: 2 })
    for (let round = 0; round < 3; round++) {
      expect(small.reason('curl/8.5.0')).toBe('library:curl')
      expect(small.reason(firefox)).toBeUndefined()
      expect(small.reason('wget/1.21')).toBe('library:Wget')
    }
  })

  test('looks at a bounded part of an endless one', () => {
    expect(bots.reason(`${firefox} Googlebot`)).toBe('crawler:Googlebot')
    expect(bots.reason(`${firefox}${'x'.repeat(botUserAgentCharsMax)} Googlebot`)).toBeUndefined()
  })

  test('stays within its bytes, however long the user agents are', () => {
    const fresh = new BotDetector()
    for (let i = 0; i < 6_000; i++) fresh.reason(`${i} ${'ü'.repeat(botUserAgentCharsMax)}`)
    expect(fresh.cacheBytes).toBeLessThanOrEqual(botCacheBytesMax)
    expect(fresh.cacheBytes).toBeGreaterThan(botCacheBytesMax / 2)
  })
})

test('the reasons are few, whatever clients send', () => {
  const reasons = new Set<string | undefined>()
  for (let i = 0; i < 2_000; i++) reasons.add(bots.reason(`Bot${i.toString(36)}spider/${i} crawler`))
  expect(reasons.size).toBeLessThan(20)
})
