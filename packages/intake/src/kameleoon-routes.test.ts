import { BotDetector, parseTrustedProxies } from '@millrace/enrichment'
import { encodeRawEvent } from '@millrace/events'
import { parseSites } from '@millrace/sites'
import { describe, expect, it } from 'vitest'
import { Intake } from './intake.ts'
import { kameleoonRoutes } from './kameleoon-routes.ts'
import type { UnsequencedEvent } from './raw-records.ts'

const [route] = kameleoonRoutes
const browser = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36'
const crawler = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'
const site = (bots: 'drop' | 'mark', domain: string, siteCode: string) => ({
  domain,
  bots,
  kameleoon: { siteCodes: [siteCode] },
  shields: { pages: ['/**'], hostnames: ['shop.example'] },
})
const sites = parseSites(
  JSON.stringify({
    sites: [site('drop', 'a.example', 'abcdefghij'), site('mark', 'b.example', 'klmnopqrst')],
  }),
)
const intake = new Intake({
  sites: () => sites,
  trustedProxies: parseTrustedProxies([]),
  bots: new BotDetector(),
  referrerSpam: { has: () => false },
})

function taken(query: string, lines: readonly string[], userAgent = browser) {
  if (route === undefined) throw new Error('no route')
  const request = {
    method: 'POST',
    query,
    headers: { 'user-agent': userAgent },
    body: Buffer.from(lines.join('\n')),
    peer: '81.2.69.142',
  }
  return intake.read(route, request, Date.UTC(2026, 10, 21))
}

function events(query: string, lines: readonly string[], userAgent?: string): readonly UnsequencedEvent[] {
  const result = taken(query, lines, userAgent)
  if (!result.ok) throw new Error(`refused: ${result.body}`)
  return result.events
}

const line = (visitor: string, more = '') =>
  `eventType=activity&nonce=d2ce4d22083348fb&visitorCode=${visitor}${more}`

describe('bots among the visitors of a server', () => {
  const lines = [
    line('bot', `&userAgent=${crawler}`),
    line('person', `&userAgent=${browser}`),
    line('bot'),
    line('x'),
  ]

  it('are dropped by the rule of their site, and the others kept', () => {
    const found = events('siteCode=abcdefghij&bodyUa=true', lines, 'okhttp/4.12.0')
    expect(found.map(({ visitorId, drop }) => [visitorId, drop])).toEqual([
      ['bot', 'bot'],
      ['person', undefined],
      ['bot', 'bot'],
      ['x', undefined],
    ])
  })

  it('are marked where the site marks them', () => {
    const found = events('siteCode=klmnopqrst&bodyUa=true', lines, 'okhttp/4.12.0')
    expect(found.map(({ drop, botReason }) => [drop, botReason !== undefined])).toEqual([
      [undefined, true],
      [undefined, false],
      [undefined, true],
      [undefined, false],
    ])
  })

  it("have their own user agent in the record, and none of the server's", () => {
    const found = events('siteCode=abcdefghij&bodyUa=true', lines, 'okhttp/4.12.0')
    expect(found.map(({ userAgent }) => userAgent)).toEqual([crawler, browser, crawler, ''])
  })
})

it('a bot is refused before its events are read', () => {
  expect(taken('siteCode=abcdefghij', [line('v')], crawler)).toMatchObject({ ok: false, status: 403 })
  expect(taken('siteCode=klmnopqrst', [line('v')], crawler)).toMatchObject({ ok: false, status: 403 })
})

it('a request without a user agent is taken', () => {
  expect(events('siteCode=abcdefghij', [line('v')], '')).toHaveLength(1)
})

it('shields of pages and host names do not refuse what is no page', () => {
  const page = 'eventType=page&href=https%3A%2F%2Fa.example%2F&nonce=d2ce4d22083348fb&visitorCode=v'
  const found = events('siteCode=abcdefghij', [line('v'), 'malformed', page])
  expect(found.map(({ drop }) => drop === undefined)).toEqual([true, true, false])
})

it('a visitorCode that is an email is known by its hash', () => {
  const [event] = events('siteCode=abcdefghij', [line('Ann%40Example.com')])
  expect(event?.visitorId).toMatch(/^[\da-f]{64}$/)
  expect(JSON.stringify(event).toLowerCase()).not.toContain('ann')
})

const characters = ['\u0001', '"', '\\', 'é', '😀', '%01', '%22', '\ufffd']

it.each(characters)('every piece fits into a record of the log, however full of %j', (character) => {
  const recordBytesMax = 500_000
  const head = 'nonce=d2ce4d22083348fb&visitorCode=v&eventType='
  const query = `siteCode=abcdefghij&sdkName=${'%01'.repeat(200)}`
  const found = [330_000, 100_000, 30_000].flatMap((length) => {
    const filled = character.repeat(length / character.length)
    const page = `${head}PAGE&href=https://a/&referrerHref=${filled}`
    return events(
      query,
      [filled, `${head}STATICDATA&localeLanguageTag=${filled}`, page],
      browser.padEnd(2_000, 'é'),
    )
  })
  for (const event of found) {
    const record = encodeRawEvent({ ...event, producerId: 'p'.repeat(36), producerSequence: 1 })
    expect(record.length).toBeLessThan(recordBytesMax)
  }
  expect(found.filter(({ malformed }) => malformed === undefined).length).toBeGreaterThan(1)
})

describe('the document', () => {
  it.each(Object.entries(route?.document.examples ?? {}))(
    'has an example that is stored whole: %s',
    (_, example) => {
      const { query = '', body } = example
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      const found = events(query, [text])
      expect(found.length).toBeGreaterThan(2)
      expect(found.filter(({ malformed }) => malformed !== undefined)).toEqual([])
    },
  )
})
