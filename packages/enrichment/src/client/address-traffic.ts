/** How much of the traffic of one window came from where it should not. */
export interface AddressShares {
  /** Share of the busiest address, 0 to 1; up to 1 % too low. */
  readonly busiest: number
  /** Share of addresses that belong to nobody: private, reserved, or none at all. */
  readonly nonPublic: number
}

/** Counters of one window: an address with more than a hundredth of the events is never missed. */
const countersMax = 100

/**
 * Watches whether a proxy hides its visitors: much traffic from one address, or from private ones. Counts the most frequent
 * addresses of a window of events after Misra and Gries, in memory for 100 addresses however many come.
 */
export class AddressTraffic {
  readonly #windowEvents: number
  readonly #onWindow: (shares: AddressShares) => void
  readonly #counts = new Map<string, number>()
  #events = 0
  #nonPublic = 0

  /** @param options.onWindow called after each `windowEvents` events */
  constructor(options: {
    readonly windowEvents: number
    readonly onWindow: (shares: AddressShares) => void
  }) {
    this.#windowEvents = options.windowEvents
    this.#onWindow = options.onWindow
  }

  /** Addresses in memory. */
  get remembered(): number {
    return this.#counts.size
  }

  /** @param ip canonical text, or empty */
  count(ip: string, isPublic: boolean): void {
    if (!isPublic) this.#nonPublic++
    this.#countAddress(ip)
    if (++this.#events < this.#windowEvents) return
    const busiest = Math.max(0, ...this.#counts.values())
    this.#onWindow({ busiest: busiest / this.#events, nonPublic: this.#nonPublic / this.#events })
    this.#counts.clear()
    this.#events = 0
    this.#nonPublic = 0
  }

  #countAddress(ip: string): void {
    const known = this.#counts.get(ip)
    if (known !== undefined) this.#counts.set(ip, known + 1)
    else if (this.#counts.size < countersMax) this.#counts.set(ip, 1)
    else {
      for (const [other, count] of this.#counts) {
        if (count === 1) this.#counts.delete(other)
        else this.#counts.set(other, count - 1)
      }
    }
  }
}
