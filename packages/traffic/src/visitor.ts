import type { Protocol } from '@millrace/events'
import { assert } from '@millrace/runtime'
import { Addresses, type Origin } from './addresses.ts'
import { Browsers, type Browser } from './browsers.ts'
import { crawlers } from './crawlers.ts'
import { languageOf } from './languages.ts'
import type { TrafficRandom } from './random.ts'
import { zipf, type WeightedChoice } from './weighted-choice.ts'

/** Somebody who visits one site, perhaps again. */
export interface Visitor {
  /** Unique in the traffic, from 1. */
  readonly id: number
  readonly protocol: Protocol
  /** Its rank among the sites of the protocol, 1 the largest. */
  readonly site: number
  readonly isCrawler: boolean
  readonly browser: Browser
  readonly origin: Origin
  /** Value of `Accept-Language`, empty for crawlers. */
  readonly acceptLanguage: string
}

export interface VisitorShares {
  readonly sites: number
  readonly largestSiteShare: number | undefined
  readonly crawlerShare: number
}

/** Draws new visitors. */
export class Visitors {
  readonly #shares: VisitorShares
  readonly #sites: WeightedChoice<number>
  readonly #browsers = new Browsers()
  readonly #addresses = new Addresses()
  readonly #crawlers: readonly Browser[]
  readonly #crawlerRanks = zipf(crawlers.length)
  #made = 0

  constructor(shares: VisitorShares) {
    this.#shares = shares
    this.#sites = zipf(shares.sites, shares.largestSiteShare)
    this.#crawlers = crawlers.map((userAgent) => ({ userAgent, headers: {}, screenWidth: 1024 }))
  }

  draw(protocol: Protocol, random: TrafficRandom): Visitor {
    const isCrawler = random.chance(this.#shares.crawlerShare)
    const origin = isCrawler ? this.#addresses.drawCloud(random) : this.#addresses.draw(random)
    const browser = isCrawler ? this.#crawler(random) : this.#browsers.draw(random)
    return {
      id: ++this.#made,
      protocol,
      site: this.#sites.draw(random),
      isCrawler,
      browser,
      origin,
      acceptLanguage: isCrawler ? '' : languageOf(origin.country, random),
    }
  }

  #crawler(random: TrafficRandom): Browser {
    const crawler = this.#crawlers[this.#crawlerRanks.draw(random) - 1]
    assert(crawler !== undefined, 'a crawler of each rank')
    return crawler
  }
}
