import type { Protocol } from '@millrace/events'
import type { TrafficRandom } from './random.ts'
import type { Visitor } from './visitor.ts'

/** Of each protocol; newer ones take the places of the oldest. */
const visitorsMax = 50_000

/** Visitors who have left and may come again. */
export class PastVisitors {
  readonly #protocols = new Map<Protocol, { readonly visitors: Visitor[]; added: number }>()

  add(visitor: Visitor): void {
    let past = this.#protocols.get(visitor.protocol)
    if (past === undefined) this.#protocols.set(visitor.protocol, (past = { visitors: [], added: 0 }))
    past.visitors[past.added++ % visitorsMax] = visitor
  }

  /** Undefined when nobody of the protocol has left yet. */
  draw(protocol: Protocol, random: TrafficRandom): Visitor | undefined {
    const past = this.#protocols.get(protocol)
    return past === undefined ? undefined : random.of(past.visitors)
  }
}
