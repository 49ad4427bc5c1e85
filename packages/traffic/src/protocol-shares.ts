import { protocols, type Protocol } from '@millrace/events'
import { assert } from '@millrace/runtime'
import type { TrafficRandom } from './random.ts'
import type { TrafficRequest } from './traffic-request.ts'

/** One protocol's share, and what was sent of it. */
interface Share {
  readonly protocol: Protocol
  /** 0 to 1. */
  readonly wanted: number
  events: number
}

/** Of so many events in all the first protocols are drawn as if they had been sent in their shares. */
const eventsAtStart = 100
/** How much oftener, or more seldom, a protocol is drawn that is behind, or ahead. */
const correctionMax = 4

/**
 * Draws the protocol of a new visitor so that the protocols get their shares of the events. Their visits differ in events, and
 * their requests too, so one that is behind is drawn more often.
 */
export class ProtocolShares {
  readonly #shares: readonly Share[]
  #events = eventsAtStart

  /** @param weights in any unit, at least one above 0 */
  constructor(weights: Readonly<Partial<Record<Protocol, number>>>) {
    const given = protocols.filter((protocol) => (weights[protocol] ?? 0) > 0)
    const sum = given.reduce((total, protocol) => total + (weights[protocol] ?? 0), 0)
    this.#shares = given.map((protocol) => {
      const wanted = (weights[protocol] ?? 0) / sum
      return { protocol, wanted, events: wanted * eventsAtStart }
    })
    assert(this.#shares.length > 0, 'a protocol with a share')
  }

  count({ protocol, events }: TrafficRequest): void {
    const share = this.#shares.find((known) => known.protocol === protocol)
    assert(share !== undefined, 'a protocol that was drawn')
    share.events += events
    this.#events += events
  }

  draw(random: TrafficRandom): Protocol {
    const weights = this.#shares.map((share) => this.#weightOf(share))
    let left = random.fraction() * weights.reduce((sum, weight) => sum + weight, 0)
    for (const [index, { protocol }] of this.#shares.entries()) {
      left -= weights[index] ?? 0
      if (left < 0) return protocol
    }
    return this.#shares.at(-1)?.protocol ?? 'plausible'
  }

  #weightOf({ wanted, events }: Share): number {
    // Squared, as visits that are under way will go on as they began.
    const behind = ((wanted * this.#events) / events) ** 2
    return wanted * Math.min(correctionMax, Math.max(1 / correctionMax, behind))
  }
}
