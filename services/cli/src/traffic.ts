import UserAgent from 'user-agents'
import { TrafficRandom } from './traffic-random.ts'

/** One request of the generator, as a browser's tracker would send it. */
export interface TrafficRequest {
  readonly ip: string
  readonly userAgent: string
  readonly body: string
}

interface Visitor {
  readonly site: string
  readonly ip: string
  readonly userAgent: string
  readonly referrer: string | null
  eventsLeft: number
  path: string
}

const pathsPerSite = 300
const referrers = [
  'https://www.google.com/',
  'https://www.bing.com/',
  'https://duckduckgo.com/',
  'https://news.ycombinator.com/',
  'https://www.facebook.com/',
  'https://t.co/abc',
  'https://chatgpt.com/',
]

export interface TrafficOptions {
  readonly seed: number
  readonly sites: number
  /** Visitors who browse at the same moment. */
  readonly visitors: number
  /** Stored as the property `run`, so that the run's events can be counted. */
  readonly run: string
}

/**
 * Endless web traffic: sites and pages by Zipf, real user agents by their weight, sessions that browse several pages
 * and send engagement and custom events. The same seed gives the same sites, pages and events.
 */
export class Traffic {
  readonly #options: TrafficOptions
  readonly #random: TrafficRandom
  readonly #userAgents: readonly string[]
  readonly #visitors: Visitor[] = []

  constructor(options: TrafficOptions) {
    this.#options = options
    this.#random = new TrafficRandom(options.seed)
    this.#userAgents = Array.from({ length: 500 }, () => new UserAgent().toString())
  }

  next(): TrafficRequest {
    const visitor = this.#pickVisitor()
    visitor.eventsLeft--
    return { ip: visitor.ip, userAgent: visitor.userAgent, body: JSON.stringify(this.#nextEvent(visitor)) }
  }

  #pickVisitor(): Visitor {
    const { visitors } = this.#options
    const place = this.#random.below(visitors)
    const known = this.#visitors[place]
    if (known !== undefined && known.eventsLeft > 0) return known
    const fresh = this.#newVisitor()
    this.#visitors[place] = fresh
    return fresh
  }

  #newVisitor(): Visitor {
    const random = this.#random
    return {
      site: `site${random.zipf(this.#options.sites)}.load.example`,
      ip: `${11 + random.below(180)}.${random.below(256)}.${random.below(256)}.${1 + random.below(254)}`,
      userAgent: random.of(this.#userAgents),
      referrer: random.chance(0.6) ? random.of(referrers) : null,
      eventsLeft: 1 + random.zipf(20),
      path: '',
    }
  }

  #nextEvent(visitor: Visitor): Record<string, unknown> {
    const random = this.#random
    const kind = visitor.path === '' ? 0 : random.fraction()
    if (kind < 0.55) visitor.path = `/page-${random.zipf(pathsPerSite)}`
    const page = {
      d: visitor.site,
      u: `https://${visitor.site}${visitor.path}${random.chance(0.1) ? '?utm_source=newsletter&utm_medium=email' : ''}`,
      v: 36,
    }
    const run = { run: this.#options.run }
    if (kind < 0.55) return { n: 'pageview', ...page, r: visitor.referrer, p: run }
    if (kind < 0.97)
      return { n: 'engagement', ...page, sd: random.below(101), e: 3000 + random.below(60_000), p: run }
    const amount = (1 + random.below(20_000)) / 100
    return {
      n: 'Purchase',
      ...page,
      p: { ...run, plan: 'pro' },
      $: { currency: 'USD', amount: amount.toFixed(2) },
    }
  }
}
