import { parseIpAddress, type IpAddress } from './ip-address.ts'

/** The most CIDRs one list may hold. */
export const trustedProxiesMax = 1000

/** Loopback and the private ranges of RFC 1918 and RFC 4193. */
export const defaultTrustedProxies: readonly string[] = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1/128',
  'fc00::/7',
]

/** The hops whose forwarding headers are believed. */
export class TrustedProxies {
  readonly #ranges: readonly CidrRange[]

  constructor(ranges: readonly CidrRange[]) {
    this.#ranges = ranges
  }

  /** @param address any spelling; text that is no address is not trusted */
  has(address: string): boolean {
    const parsed = parseIpAddress(address)
    return parsed !== undefined && this.#ranges.some((range) => contains(range, parsed))
  }
}

interface CidrRange {
  readonly base: IpAddress
  readonly prefixBits: number
}

/**
 * Reads addresses and CIDRs; a bare address means itself alone.
 * @throws Error with one line that names the entry
 */
export function parseTrustedProxies(cidrs: readonly string[]): TrustedProxies {
  if (cidrs.length > trustedProxiesMax) {
    throw new Error(`trusted proxies: ${cidrs.length} entries, at most ${trustedProxiesMax}`)
  }
  return new TrustedProxies(cidrs.map(parseCidr))
}

function parseCidr(text: string): CidrRange {
  const entry = text.trim()
  const slash = entry.indexOf('/')
  const addressText = slash < 0 ? entry : entry.slice(0, slash)
  const base = parseIpAddress(addressText)
  if (base === undefined) throw new Error(`trusted proxies: "${text}" is not an address or CIDR`)
  // `::ffff:10.0.0.0/104` is 10.0.0.0/8: the 96 mapped bits are gone from the base.
  const mappedBits = base.family === 4 && addressText.includes(':') ? 96 : 0
  const widthBits = base.family === 4 ? 32 : 128
  if (slash < 0) return { base, prefixBits: widthBits }
  const digits = entry.slice(slash + 1)
  const prefixBits = /^\d{1,3}$/.test(digits) ? Number(digits) - mappedBits : -1
  if (prefixBits < 0 || prefixBits > widthBits) {
    throw new Error(`trusted proxies: "${text}" has an impossible prefix length`)
  }
  return { base, prefixBits }
}

function contains({ base, prefixBits }: CidrRange, address: IpAddress): boolean {
  if (base.family === 4 || address.family === 4) {
    if (base.family === 6 || address.family === 6) return false
    return sameHighBits({ a: base.bits, b: address.bits, bits: prefixBits, width: 32 })
  }
  return base.parts.every((part, index) =>
    sameHighBits({ a: part, b: address.parts[index] ?? 0, bits: prefixBits - index * 16, width: 16 }),
  )
}

function sameHighBits(options: { a: number; b: number; bits: number; width: number }): boolean {
  const { a, b, bits, width } = options
  if (bits <= 0) return true
  const size = 2 ** Math.max(0, width - bits)
  return Math.floor(a / size) === Math.floor(b / size)
}
