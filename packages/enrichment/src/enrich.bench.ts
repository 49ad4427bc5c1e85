/** What enriching costs against reading and writing the same records without it, on a stream like real traffic. */
import { decodeRawEvent, encodeEnrichedRecord, encodeRawEvent, type RawEvent } from '@millrace/events'
import { aRawEvent, anEnrichedEvent } from '@millrace/events/testing'
import UserAgent from 'user-agents'
import { bench, describe } from 'vitest'
import { acquisition } from './acquisition/acquisition.ts'
import { BotDetector } from './client/bot-detector.ts'
import { clientIp } from './client/client-ip.ts'
import { defaultTrustedProxies, parseTrustedProxies } from './client/trusted-proxies.ts'
import { UserAgentReader } from './client/user-agent-reader.ts'
import { createEnricher } from './enrich.ts'
import { openGeo } from './geo/open-geo.ts'
import { userId } from './identity/user-id.ts'
import { onEach, seededRandom } from './test-stream.ts'

const visitorsCount = 20_000
const eventsCount = 100_000
const context = { rawOffset: 1, salt: Buffer.alloc(16, 1), previousSalt: Buffer.alloc(16, 2) }

const referrers = [
  '',
  '',
  'https://example.com/other-page',
  'https://www.google.com/',
  'https://t.co/abcdef',
  'https://l.facebook.com/',
  'https://news.ycombinator.com/item?id=1',
  'https://some.blog.example.org/2026/post/',
]
const queries = [
  '',
  '',
  '',
  'utm_source=newsletter&utm_medium=email&utm_campaign=november+sale',
  'gclid=EAIaIQobChMI&gad_source=1',
  'page=2&sort=price',
]

const geo = await openGeo({})
const enrich = createEnricher({ geo })
const userAgents = new UserAgentReader()
const bots = new BotDetector()
const trustedProxies = parseTrustedProxies(defaultTrustedProxies)
const events = stream()
const strangers = neverSeen(events)
const records = events.map((event) => encodeRawEvent(event))
const plain = anEnrichedEvent()

describe('one event', () => {
  bench(
    'enriched',
    onEach(events, (event) => enrich(event, context)),
  )
  bench(
    'enriched, nothing of it seen before',
    onEach(strangers, (event) => enrich(event, context)),
  )
  bench(
    'read and written without enrichment',
    onEach(records, (record) => {
      decodeRawEvent(record)
      encodeEnrichedRecord(plain)
    }),
  )
  bench(
    'read, enriched and written',
    onEach(records, (record) => encodeEnrichedRecord(enrich(decodeRawEvent(record), context))),
  )
})

describe('one fact', () => {
  bench('acquisition', onEach(events, acquisition))
  bench(
    'geo',
    onEach(events, ({ ip }) => geo.lookup(ip)),
  )
  bench(
    'user agent',
    onEach(events, ({ userAgent }) => userAgents.read(userAgent)),
  )
  bench(
    'user id',
    onEach(events, (event) => userId(context.salt, event)),
  )
  bench(
    'bot',
    onEach(events, ({ userAgent }) => bots.reason(userAgent)),
  )
  bench(
    'client address',
    onEach(events, ({ ip }) =>
      clientIp({ peer: '127.0.0.1', headers: { 'x-forwarded-for': `${ip}, 10.0.0.1` }, trustedProxies }),
    ),
  )
})

/** Visitors with user agents drawn by their real weights; a few visit far more often than most. */
function stream(): RawEvent[] {
  const random = seededRandom(1)
  const visitors = Array.from({ length: visitorsCount }, () => ({
    userAgent: new UserAgent().toString(),
    ip: Array.from({ length: 4 }, () => 1 + Math.floor(random() * 222)).join('.'),
    referrer: pick(referrers, random()),
    query: pick(queries, random()),
  }))
  return Array.from({ length: eventsCount }, (_, i) =>
    aRawEvent({
      ...visitors[Math.floor(random() ** 2 * visitorsCount)],
      pathname: `/page/${i % 500}`,
    }),
  )
}

/** The same, each with an address, a user agent and a referrer that nobody else has: no cache helps. */
function neverSeen(events: readonly RawEvent[]): RawEvent[] {
  const random = seededRandom(2)
  return events.map((event, index) => ({
    ...event,
    ip: Array.from({ length: 4 }, () => 1 + Math.floor(random() * 222)).join('.'),
    userAgent: `${event.userAgent} x/${index}`,
    referrer: event.referrer === '' ? '' : `${event.referrer}${index}`,
  }))
}

function pick(from: readonly string[], chance: number): string {
  return from[Math.floor(chance * from.length)] ?? ''
}
