import { BotDetector, parseTrustedProxies } from '@millrace/enrichment'
import type { Protocol } from '@millrace/events'
import type { DecodedEvent } from '@millrace/protocols'
import { parseSites } from '@millrace/sites'
import { describe, expect, it } from 'vitest'
import { clientFacts } from './client-facts.ts'
import { rawEventsOf } from './raw-events.ts'

const sites = parseSites(
  JSON.stringify({
    sites: [
      { domain: 'hashes.example' },
      { domain: 'keeps.example', emails: 'clear' },
      { domain: 'marks.example', bots: 'mark' },
      { domain: 'sells.example', goals: [{ eventName: 'Purchase', currency: 'EUR' }] },
    ],
  }),
)
const browser = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36'
const sent: DecodedEvent = {
  sites: ['hashes.example'],
  name: 'pageview',
  hostname: 'hashes.example',
  pathname: '/',
  query: '',
  title: '',
  referrer: '',
  props: [],
  interactive: true,
  scrollDepth: 0,
  engagementMs: 0,
}

function rawOf(
  event: Partial<DecodedEvent>,
  userAgent = browser,
  more: Record<string, string> = {},
  protocol: Protocol = 'octeth',
) {
  const headers = { 'user-agent': userAgent, 'sec-ch-ua': '"Chromium";v="140"', ...more }
  const client = clientFacts({ peer: '81.2.69.142', headers }, parseTrustedProxies([]))
  const [raw] = rawEventsOf([{ ...sent, ...event }], {
    protocol,
    receivedAt: Date.UTC(2026, 10, 21),
    client,
    sites,
    bots: new BotDetector(),
    referrerSpam: { has: () => false },
  })
  if (raw === undefined) throw new Error('no event')
  return raw
}

describe('a visitor who came with an email', () => {
  it('is known by its hash', () => {
    const raw = rawOf({ visitorId: ' Jane@Example.com ' })
    expect(raw.visitorId).toBe('8c87b489ce35cf2e2f39f80e282cb2e804932a56a213983eeeb428407d43b52d')
    expect(JSON.stringify(raw).toLowerCase()).not.toContain('jane')
  })

  it('keeps it where the site asks for that', () => {
    const raw = rawOf({ visitorId: ' Jane@Example.com ', sites: ['keeps.example'] })
    expect(raw.visitorId).toBe('Jane@Example.com')
  })

  it('is hashed where nobody has the site', () => {
    expect(rawOf({ visitorId: 'jane@example.com', sites: ['unknown.example'] }).visitorId).not.toContain('@')
  })
})

describe("a visitor's own user agent", () => {
  it('stands in for that of the server that sends, whose client hints are not the visitor’s', () => {
    expect(rawOf({ userAgent: browser }, 'server/1.0')).toMatchObject({ userAgent: browser })
    expect(rawOf({ userAgent: browser }, 'server/1.0').clientHints).toBeUndefined()
    expect(rawOf({}).clientHints).toBeDefined()
  })

  it('is judged as a bot by itself', () => {
    expect(rawOf({ userAgent: 'Googlebot/2.1' }, browser).drop).toBe('bot')
    expect(rawOf({ userAgent: browser }, 'Googlebot/2.1').drop).toBeUndefined()
  })

  it('makes no bot of anybody where the server that sends does not say it', () => {
    const raw = rawOf({ userAgent: '' }, 'curl/8.5.0')
    expect(raw).toMatchObject({ userAgent: '' })
    expect([raw.drop, raw.botReason, raw.clientHints]).toEqual([undefined, undefined, undefined])
  })
})

describe('bots', () => {
  const headless = { 'sec-ch-ua': '"Chromium";v="140", "HeadlessChrome";v="140"' }

  it('are dropped where only the client hints name them', () => {
    expect(rawOf({}, browser, headless).drop).toBe('bot')
    expect(rawOf({ userAgent: `${browser} OPR/121` }, browser, headless).drop).toBeUndefined()
  })

  it('keep their reason where the site marks them', () => {
    expect(rawOf({ sites: ['marks.example'] }, browser, headless)).toMatchObject({ botReason: 'headless' })
  })

  it('are marked and never dropped for having no user agent', () => {
    expect(rawOf({}, '').drop).toBeUndefined()
    expect(rawOf({}, '')).toMatchObject({ botReason: 'empty_user_agent' })
  })
})

describe('an event called engagement', () => {
  it('is Plausible’s alone', () => {
    expect(rawOf({ name: 'engagement' }).name).toBe('Engagement')
  })
})

describe('an event that is no page', () => {
  it('is not asked for a hostname', () => {
    expect(rawOf({ hostname: '', pathname: '' }).drop).toBeUndefined()
  })
})

describe('revenue', () => {
  const revenue = { amount: '24.99', currency: 'EUR' }

  it.each<[Protocol, string, boolean]>([
    ['plausible', 'Purchase', true],
    ['plausible', 'conversion', false],
    ['kameleoon', 'conversion', true],
    ['octeth', 'conversion', true],
    ['successeve', 'conversion', true],
  ])('asks the goals of the site in Plausible only: %s, %s', (protocol, name, isKept) => {
    const raw = rawOf({ sites: ['sells.example'], name, revenue }, browser, {}, protocol)
    expect(raw.revenue).toEqual(isKept ? revenue : undefined)
  })
})
