import { aBrowser } from '../pipeline-process.ts'
import type { SeededRandom } from './seeded-random.ts'

/** One event as its sender knows it. */
export interface VisitEvent {
  /** Unique in a bench; it is the page's path too, so that drops can be told as well. */
  readonly id: string
  readonly site: string
  /** The visitor's address: what tells visitors of a site apart. */
  readonly address: string
  readonly name: 'pageview' | 'engagement' | 'Click' | 'Impression'
  readonly interactive: boolean
  readonly engagementMs: number
  readonly utmSource: string
  /** With a key the client repeats what was not answered with 202; without one it sends once. */
  readonly key: string | undefined
  /** Sends it once more though it was accepted, as a client does that lost the answer. */
  readonly repeatsAccepted: boolean
}

/** The site whose visitors come in every round, so that their sessions may reach over many. */
export const regularSite = 'regulars.faults.example'
const regulars = 40
const regularShare = 0.15
const visitors = 220
const keyedShare = 0.3
const repeatedShare = 0.1

/** Visits of one round: a few visitors with many events, many with few. */
export class VisitTraffic {
  readonly #random: SeededRandom
  readonly #round: number
  #count = 0

  constructor(round: number, random: SeededRandom) {
    this.#round = round
    this.#random = random
  }

  next(): VisitEvent {
    const random = this.#random
    const isRegular = random.chance(regularShare)
    const visitor = Math.floor(random.fraction() ** 2 * (isRegular ? regulars : visitors))
    const name = random.of(names)
    const id = `/r${this.#round}-${this.#count++}`
    // An engagement event may be dropped first and have a session when it is repeated: nothing to hold anybody to.
    const isKeyed = name !== 'engagement' && random.chance(keyedShare)
    return {
      id,
      site: isRegular ? regularSite : roundSite(this.#round),
      address: `81.2.${Math.floor(visitor / 250)}.${1 + (visitor % 250)}`,
      name,
      interactive: name !== 'Impression',
      engagementMs: name === 'engagement' ? random.between(1, 9_000) : 0,
      utmSource: `source${random.between(1, 30)}`,
      key: isKeyed ? `key-of-${id}` : undefined,
      repeatsAccepted: isKeyed && random.chance(repeatedShare),
    }
  }
}

const names = [
  ...Array<'pageview'>(12).fill('pageview'),
  ...Array<'engagement'>(4).fill('engagement'),
  'Click',
  'Click',
  'Impression',
  'Impression',
] as const

export function roundSite(round: number): string {
  return `round-${round}.faults.example`
}

/** The event as Plausible's tracker would send it. */
export function asRequest(event: VisitEvent): { headers: Record<string, string>; body: string } {
  const { id, site, address, name, interactive, engagementMs, utmSource, key } = event
  const body = JSON.stringify({
    n: name,
    d: site,
    u: `https://${site}${id}?utm_source=${utmSource}`,
    p: { event: id },
    ...(interactive ? {} : { i: false }),
    ...(name === 'engagement' ? { e: engagementMs, sd: 50 } : {}),
  })
  const headers = {
    'content-type': 'text/plain',
    'content-length': String(Buffer.byteLength(body)),
    'user-agent': aBrowser,
    'x-forwarded-for': address,
    ...(key === undefined ? {} : { 'idempotency-key': key }),
  }
  return { headers, body }
}
