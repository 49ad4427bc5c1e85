import { createHash } from 'node:crypto'
import type { Protocol } from '@millrace/events'
import { Arrivals } from './arrivals.ts'
import { kameleoonRequest } from './kameleoon-request.ts'
import { octethRequest } from './octeth-request.ts'
import { Pages } from './pages.ts'
import { PastVisitors } from './past-visitors.ts'
import { plausibleRequest } from './plausible-request.ts'
import { ProtocolShares } from './protocol-shares.ts'
import { TrafficRandom } from './random.ts'
import { successEveRequest } from './successeve-request.ts'
import type { TrafficRequest } from './traffic-request.ts'
import { Visit } from './visit.ts'
import { Visitors, type Visitor } from './visitor.ts'
import type { WireContext } from './wire-context.ts'

export interface TrafficOptions {
  /** Whole number: the same one, with the same other options, gives the same requests. */
  readonly seed: number
  /**
   * Letters, digits and hyphens; it is found in the property `run` of every event, but for Kameleoon's, whose `sdkVersion` is
   * `kameleoonSdkVersion(run)`. Default `seed-SEED`. Runs of one seed should differ in it: it is part of Kameleoon's nonces,
   * by which events that are sent again are known.
   */
  readonly run?: string
  /** Sites of each protocol, drawn by Zipf. Default 100. */
  readonly sites?: number
  /** 0 to 1, 1 excluded: what the largest site has of its protocol's visits. Default: what Zipf gives it. */
  readonly largestSiteShare?: number
  /** Visitors who browse at the same moment. The first requests, about as many, are arrivals. Default 2,000. */
  readonly activeVisitors?: number
  /** 0 to 1: of the visits, those by somebody who was never there before. Default 0.75. */
  readonly newVisitorShare?: number
  /** 0 to 1: of the visitors. Default 0.05. */
  readonly crawlerShare?: number
  /** 0 to 1: of the visits, those with a spam referrer. Default 0.01. */
  readonly spamShare?: number
  /** Shares of the events, weights in any unit. Default: 70, 15, 5 and 10. */
  readonly protocols?: Readonly<Partial<Record<Protocol, number>>>
}

export const defaultProtocolShares: Readonly<Record<Protocol, number>> = {
  plausible: 70,
  kameleoon: 15,
  octeth: 5,
  successeve: 10,
}

/**
 * Endless web traffic as data: visitors from real networks with real browsers come to sites, browse some pages, and leave;
 * others take their place. Deterministic: it knows no clock and no chance but its seed. A request costs a few microseconds.
 */
export class Traffic {
  readonly run: string
  readonly #random: TrafficRandom
  readonly #activeVisitors: number
  readonly #newVisitorShare: number
  readonly #visitors: Visitors
  readonly #protocols: ProtocolShares
  readonly #arrivals: Arrivals
  readonly #context: WireContext
  /** By place; a place is filled when it is drawn first. */
  readonly #visits: (Visit | undefined)[] = []
  readonly #past = new PastVisitors()

  constructor(options: TrafficOptions) {
    const { seed, run = `seed-${String(seed)}` } = options
    this.run = run
    this.#random = new TrafficRandom(seed)
    this.#activeVisitors = options.activeVisitors ?? 2_000
    this.#newVisitorShare = options.newVisitorShare ?? 0.75
    this.#arrivals = new Arrivals(options.spamShare ?? 0.01)
    this.#visitors = new Visitors({
      sites: options.sites ?? 100,
      largestSiteShare: options.largestSiteShare,
      crawlerShare: options.crawlerShare ?? 0.05,
    })
    this.#protocols = new ProtocolShares(options.protocols ?? defaultProtocolShares)
    const browsing = { random: this.#random, pages: new Pages(seed) }
    this.#context = { browsing, run, nonce: nonces(run) }
  }

  next(): TrafficRequest {
    const visit = this.#visitAt(this.#random.below(this.#activeVisitors))
    const request = requestOf(visit, this.#context)
    this.#protocols.count(request)
    return request
  }

  #visitAt(place: number): Visit {
    const running = this.#visits[place]
    if (running !== undefined && !running.isOver) return running
    if (running !== undefined) this.#past.add(running.visitor)
    const visitor = this.#arrive()
    const visit = new Visit(visitor, {
      origin: `https://${siteName(visitor.site)}`,
      arrival: this.#arrivals.draw(this.#random),
      random: this.#random,
    })
    this.#visits[place] = visit
    return visit
  }

  #arrive(): Visitor {
    const protocol = this.#protocols.draw(this.#random)
    const isNew = this.#random.chance(this.#newVisitorShare)
    const known = isNew ? undefined : this.#past.draw(protocol, this.#random)
    return known ?? this.#visitors.draw(protocol, this.#random)
  }
}

/** Domain of the site of that rank, which is also the host of its pages. */
export function siteName(site: number): string {
  return `site${String(site)}.load.example`
}

function requestOf(visit: Visit, context: WireContext): TrafficRequest {
  switch (visit.visitor.protocol) {
    case 'plausible':
      return plausibleRequest(visit, context)
    case 'kameleoon':
      return kameleoonRequest(visit, context)
    case 'octeth':
      return octethRequest(visit, context)
    case 'successeve':
      return successEveRequest(visit, context)
  }
}

function nonces(run: string): () => string {
  const prefix = createHash('sha256').update(run).digest('hex').slice(0, 8).toUpperCase()
  let count = 0
  return () => prefix + (++count >>> 0).toString(16).toUpperCase().padStart(8, '0')
}
