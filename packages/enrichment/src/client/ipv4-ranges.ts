import { ipv4Bits } from './ip-address.ts'

/** IPv4 addresses and CIDRs, merged and sorted, so that a look-up costs the logarithm of their number. */
export class Ipv4Ranges {
  readonly #starts: number[] = []
  readonly #ends: number[] = []

  /** @throws Error with one line that names the entry which is neither address nor CIDR */
  constructor(cidrs: readonly string[]) {
    for (const [start, end] of cidrs.map(rangeOf).sort(([a], [b]) => a - b)) {
      const last = this.#ends.length - 1
      const lastEnd = this.#ends[last] ?? -Infinity
      if (start <= lastEnd + 1) this.#ends[last] = Math.max(lastEnd, end)
      else {
        this.#starts.push(start)
        this.#ends.push(end)
      }
    }
  }

  /** @param bits the address as an unsigned number */
  has(bits: number): boolean {
    let low = 0
    let high = this.#starts.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#starts[middle] ?? Infinity) <= bits) low = middle + 1
      else high = middle
    }
    return low > 0 && bits <= (this.#ends[low - 1] ?? -1)
  }
}

/** First and last address; the host's bits of a CIDR are ignored. */
function rangeOf(cidr: string): readonly [number, number] {
  const [, address = '', prefix = '32'] = /^([\d.]+)(?:\/(\d{1,2}))?$/.exec(cidr) ?? []
  const bits = ipv4Bits(address)
  if (bits === undefined || Number(prefix) > 32) {
    throw new Error(`addresses: "${cidr}" is not an address or CIDR`)
  }
  const size = 2 ** (32 - Number(prefix))
  const start = Math.floor(bits / size) * size
  return [start, start + size - 1]
}
