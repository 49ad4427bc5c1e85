import {
  decodeKameleoon,
  decodeOcteth,
  decodePlausible,
  successEveDecoder,
  type Decoded,
  type DecodeContext,
} from '@millrace/protocols'
import { aDecodeContext } from '@millrace/protocols/testing'
import { describe, expect, it } from 'vitest'
import { kameleoonSdkVersion } from './kameleoon-request.ts'
import { crawlers } from './crawlers.ts'
import { Traffic, type TrafficOptions } from './traffic.ts'
import type { TrafficRequest } from './traffic-request.ts'

const options: TrafficOptions = { seed: 7, run: 'r1', activeVisitors: 300 }

function requests(count: number, changes: Partial<TrafficOptions> = {}): TrafficRequest[] {
  const traffic = new Traffic({ ...options, ...changes })
  return Array.from({ length: count }, () => traffic.next())
}

/** Every key has a site of its name. */
const context: DecodeContext = {
  ...aDecodeContext(),
  keys: {
    kameleoonSite: (code) => ({ domain: code, keepsEmails: false }),
    octethSite: (list) => ({ domain: `list ${String(list)}`, keepsEmails: false }),
    successeveSite: (token) => ({ domain: token, keepsEmails: false }),
    admitsOcteth: () => true,
  },
}

function decode({ method, path, headers, body }: TrafficRequest): Decoded {
  const { pathname, search } = new URL(path, 'http://producer')
  const request = { method, query: search.slice(1), headers, body: Buffer.from(body) }
  switch (pathname) {
    case '/api/event':
      return decodePlausible(request)
    case '/visit/events':
      return decodeKameleoon(request, context)
    case '/api/v1/event':
      return decodeOcteth(request, context)
    case '/v1/track/event':
      return successEveDecoder('event')(request, context)
    case '/v1/batch':
      return successEveDecoder('batch')(request, context)
    default:
      throw new Error(`no route ${pathname}`)
  }
}

function eventsOf(request: TrafficRequest) {
  const decoded = decode(request)
  if (!decoded.ok) throw new Error(`${request.path} refused: ${decoded.body}`)
  return decoded.events
}

describe('traffic', () => {
  const sent = requests(10_000)

  it('is the same for the same seed, and another for another', () => {
    expect(requests(2_000)).toEqual(sent.slice(0, 2_000))
    expect(requests(100, { seed: 8 })).not.toEqual(sent.slice(0, 100))
  })

  it('is taken by each protocol: no request is refused, none of their events malformed, and each holds what it says', () => {
    const kinds = new Set<string>()
    for (const request of sent) {
      const events = eventsOf(request)
      kinds.add(`${request.protocol} ${request.path.split('?')[0] ?? ''} ${request.method}`)
      expect(events.length).toBe(request.events)
      for (const event of events) expect(event.malformed, request.body).toBeUndefined()
    }
    expect([...kinds].toSorted()).toEqual([
      'kameleoon /visit/events POST',
      'octeth /api/v1/event POST',
      'plausible /api/event POST',
      'successeve /v1/batch POST',
      'successeve /v1/track/event GET',
      'successeve /v1/track/event POST',
    ])
  })

  it('marks every event with its run', () => {
    for (const request of sent.slice(0, 3_000)) {
      const mark: [string, string] =
        request.protocol === 'kameleoon' ? ['sdkVersion', kameleoonSdkVersion('r1')] : ['run', 'r1']
      for (const { props } of eventsOf(request)) expect(props).toContainEqual(mark)
    }
  })

  it('has a page view before any engagement with that page, and nothing before the first page view', () => {
    const pages = new Map<number, Set<string>>()
    for (const request of sent.filter(({ protocol }) => protocol === 'plausible')) {
      const { n, u } = JSON.parse(request.body) as { n: string; u: string }
      const seen = pages.get(request.visitor) ?? new Set()
      pages.set(request.visitor, seen)
      if (n === 'pageview') seen.add(u)
      else expect(seen.has(u), `${n} on ${u}`).toBe(true)
    }
    expect(pages.size).toBeGreaterThan(500)
  })

  it('gives the protocols their shares of the events', () => {
    const events = (protocol: string) =>
      sent.reduce((sum, request) => sum + (request.protocol === protocol ? request.events : 0), 0)
    const all = sent.reduce((sum, request) => sum + request.events, 0)
    expect(events('plausible') / all).toBeCloseTo(0.7, 1)
    expect(events('kameleoon') / all).toBeCloseTo(0.15, 1)
    expect(events('octeth') / all).toBeCloseTo(0.05, 1)
    expect(events('successeve') / all).toBeCloseTo(0.1, 1)
    const other = requests(5_000, { protocols: { octeth: 1, plausible: 1 } })
    expect(other.filter(({ protocol }) => protocol === 'octeth').length / 5_000).toBeCloseTo(0.5, 1)
    expect(other.every(({ protocol }) => protocol === 'octeth' || protocol === 'plausible')).toBe(true)
  })

  it('never gives two events one nonce, in a run or in two', () => {
    const nonces = (run: string) =>
      requests(3_000, { run, protocols: { kameleoon: 1 } })
        .flatMap(eventsOf)
        .map(({ clientEventId }) => clientEventId)
    const both = [...nonces('r1'), ...nonces('r2')]
    expect(both.every((nonce) => nonce !== undefined)).toBe(true)
    expect(new Set(both).size).toBe(both.length)
  })
})

describe("traffic's visits", () => {
  const visits = arrivals(requests(60_000, { protocols: { plausible: 1 } }))

  it('come about in the shares of the world', () => {
    const share = (pattern: RegExp) => visits.filter(({ r }) => pattern.test(r ?? '')).length / visits.length
    expect(share(/^$/)).toBeGreaterThan(0.35)
    expect(share(/^$/)).toBeLessThan(0.55)
    expect(share(/google|bing|duckduckgo/)).toBeGreaterThan(0.22)
    expect(share(/chatgpt|perplexity|gemini|copilot|claude/)).toBeGreaterThan(0.015)
    expect(share(/semalt|darodar|buttons|seo|free|priceg|auditor|traffic2money|event-tracking/)).toBeCloseTo(
      0.01,
      2,
    )
    const blogs = visits.filter(({ r }) => r?.includes('example.org/posts'))
    expect(blogs.length / visits.length).toBeGreaterThan(0.06)
    expect(new Set(blogs.map(({ r }) => r)).size).toBeGreaterThan(blogs.length * 0.9)
    expect(visits.filter(({ u }) => /[?&]utm_source=/.test(u)).length / visits.length).toBeGreaterThan(0.04)
    expect(
      visits.filter(({ u }) => /[?](?:gclid|fbclid|msclkid)=/.test(u)).length / visits.length,
    ).toBeGreaterThan(0.015)
  })

  it('end with the one page view where they are only there to show their referrer', () => {
    const own = requests(20_000, {
      protocols: { plausible: 1 },
      spamShare: 0.5,
      newVisitorShare: 1,
      crawlerShare: 0,
    })
    const bodies = own.map(({ body, visitor }) => ({
      ...(JSON.parse(body) as { n: string; r?: string }),
      visitor,
    }))
    const spam = new Set(bodies.filter(({ r }) => r?.startsWith('http://')).map(({ visitor }) => visitor))
    const ofSpam = bodies.filter(({ visitor }) => spam.has(visitor))
    expect(spam.size).toBeGreaterThan(1_000)
    expect(ofSpam.length).toBe(spam.size)
    expect(ofSpam.every(({ n }) => n === 'pageview')).toBe(true)
  })

  it('are those of crawlers in their share, which do nothing but view pages', () => {
    const agents = new Set(crawlers)
    const own = requests(20_000, { protocols: { plausible: 1 } })
    const crawled = own.filter(({ headers }) => agents.has(headers['user-agent'] ?? ''))
    const visitors = new Set(own.map(({ visitor }) => visitor)).size
    expect(new Set(crawled.map(({ visitor }) => visitor)).size / visitors).toBeCloseTo(0.05, 1)
    expect(crawled.length).toBeGreaterThan(400)
    for (const { body, headers } of crawled) {
      expect((JSON.parse(body) as { n: string }).n).toBe('pageview')
      expect(headers).not.toHaveProperty('accept-language')
    }
  })

  it('go to one site as often as is asked, and to the others by Zipf', () => {
    const asked = arrivals(
      requests(20_000, { protocols: { plausible: 1 }, sites: 1_000, largestSiteShare: 0.5 }),
    )
    const share = (rank: number) =>
      asked.filter(({ d }) => d === `site${String(rank)}.load.example`).length / asked.length
    expect(share(1)).toBeCloseTo(0.5, 1)
    expect(share(2)).toBeGreaterThan(1.5 * share(4))
  })

  it('are of visitors who were there before, as often as is asked', () => {
    const newShare = (newVisitorShare: number) => {
      const all = requests(20_000, { protocols: { plausible: 1 }, newVisitorShare, activeVisitors: 50 })
      return new Set(all.map(({ visitor }) => visitor)).size / arrivals(all).length
    }
    expect(newShare(1)).toBeGreaterThan(0.95)
    expect(newShare(0.5)).toBeCloseTo(0.5, 1)
  })

  it('are as many at once as is asked', () => {
    const first = requests(5_000, { activeVisitors: 1_000_000, newVisitorShare: 1 })
    expect(new Set(first.map(({ visitor }) => visitor)).size).toBeGreaterThan(4_950)
    const few = requests(2_000, { activeVisitors: 1, newVisitorShare: 1 }).map(({ visitor }) => visitor)
    expect(few).toEqual(few.toSorted((a, b) => a - b))
  })
})

interface PageView {
  readonly d: string
  readonly u: string
  readonly r: string | null
}

/** Page views that did not come from a page of the site itself. */
function arrivals(sent: readonly TrafficRequest[]): PageView[] {
  const bodies = sent.map(({ body }) => JSON.parse(body) as PageView & { n: string })
  return bodies.filter(({ n, d, r }) => n === 'pageview' && r?.startsWith(`https://${d}/`) !== true)
}
