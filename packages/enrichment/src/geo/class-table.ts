import { parseIpAddress } from '../client/ip-address.ts'
import type { IpClass } from './ip-class.ts'
import { ipClasses } from './ip-class.ts'
import type { OperatorList } from './operator-list.ts'

/** A list and the class of what it names. */
export interface ClassList {
  readonly ipClass: IpClass
  readonly list: OperatorList
}

/**
 * Which classes lists give to an address: borders between addresses of different classes, sorted, and the classes from each
 * border on. One binary search answers for all classes; 5 bytes a border for IPv4, 17 for IPv6.
 */
export class ClassTable {
  readonly #ipv4: { readonly starts: Uint32Array; readonly masks: Uint8Array }
  readonly #ipv6: { readonly high: BigUint64Array; readonly low: BigUint64Array; readonly masks: Uint8Array }
  readonly #systems: ReadonlyMap<number, number>

  constructor(lists: readonly ClassList[]) {
    const systems = new Map<number, number>()
    const borders4: Border<number>[] = []
    const borders6: Border<bigint>[] = []
    for (const { ipClass, list } of lists) {
      const bit = ipClasses.indexOf(ipClass)
      for (const asn of list.asns) systems.set(asn, (systems.get(asn) ?? 0) | (1 << bit))
      for (const range of list.ranges) {
        if (range.family === 4) {
          borders4.push({ at: range.first, bit, step: 1 }, { at: range.last + 1, bit, step: -1 })
        } else borders6.push({ at: range.first, bit, step: 1 }, { at: range.last + 1n, bit, step: -1 })
      }
    }
    const ipv4 = masksFrom(borders4).filter(({ at }) => at <= 0xffffffff)
    const ipv6 = masksFrom(borders6).filter(({ at }) => at >> 128n === 0n)
    this.#ipv4 = {
      starts: Uint32Array.from(ipv4, ({ at }) => at),
      masks: Uint8Array.from(ipv4, ({ mask }) => mask),
    }
    this.#ipv6 = {
      high: BigUint64Array.from(ipv6, ({ at }) => at >> 64n),
      low: BigUint64Array.from(ipv6, ({ at }) => at & 0xffff_ffff_ffff_ffffn),
      masks: Uint8Array.from(ipv6, ({ mask }) => mask),
    }
    this.#systems = systems
  }

  /** @param ip canonical text @param asn of the system that announces it, or 0 */
  classes(ip: string, asn: number): readonly IpClass[] {
    const mask = this.#addressMask(ip) | (this.#systems.get(asn) ?? 0)
    return mask === 0 ? none : ipClasses.filter((_, bit) => (mask & (1 << bit)) !== 0)
  }

  #addressMask(ip: string): number {
    if (this.#ipv4.masks.length === 0 && this.#ipv6.masks.length === 0) return 0
    const address = parseIpAddress(ip)
    if (address === undefined) return 0
    if (address.family === 4) {
      const { starts, masks } = this.#ipv4
      return masks[lastBelow(masks.length, (i) => (starts[i] ?? 0) <= address.bits)] ?? 0
    }
    const { high, low, masks } = this.#ipv6
    const [wantedHigh, wantedLow] = halves(address.parts)
    const isBelow = (i: number): boolean => {
      const own = high[i] ?? 0n
      return own < wantedHigh || (own === wantedHigh && (low[i] ?? 0n) <= wantedLow)
    }
    return masks[lastBelow(masks.length, isBelow)] ?? 0
  }
}

const none: readonly IpClass[] = []

/** Where a range of a class begins (1), or the address behind its end (-1). */
interface Border<Address extends number | bigint> {
  readonly at: Address
  readonly bit: number
  readonly step: 1 | -1
}

/** Ranges of a class may overlap: an address has the class as long as more of them have begun than ended. */
function masksFrom<Address extends number | bigint>(
  borders: Border<Address>[],
): { readonly at: Address; readonly mask: number }[] {
  borders.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
  const open = ipClasses.map(() => 0)
  const masks: { at: Address; mask: number }[] = []
  let mask = 0
  for (const [index, { at, bit, step }] of borders.entries()) {
    const count = (open[bit] ?? 0) + step
    open[bit] = count
    mask = count > 0 ? mask | (1 << bit) : mask & ~(1 << bit)
    if (borders[index + 1]?.at === at || masks.at(-1)?.mask === mask) continue
    masks.push({ at, mask })
  }
  return masks
}

/** The last index for which it holds, -1 when none; it holds for the first ones and then no more. */
function lastBelow(length: number, holds: (index: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) low = middle + 1
    else high = middle
  }
  return low - 1
}

function halves(parts: readonly number[]): [bigint, bigint] {
  const half = (from: number): bigint => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(from, from + 4)
    return (BigInt(a * 65536 + b) << 32n) | BigInt(c * 65536 + d)
  }
  return [half(0), half(4)]
}
