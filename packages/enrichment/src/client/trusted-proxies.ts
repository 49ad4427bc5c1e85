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
  readonly #ipv4: readonly Ipv4Range[]
  readonly #ipv6: readonly Ipv6Range[]

  constructor(ranges: readonly CidrRange[]) {
    this.#ipv4 = ranges.filter((range) => 'first' in range)
    this.#ipv6 = ranges.filter((range) => 'parts' in range)
  }

  /** @param address any spelling; text that is no address is not trusted */
  has(address: string): boolean {
    const parsed = parseIpAddress(address)
    if (parsed === undefined) return false
    if (parsed.family === 6) return this.#ipv6.some((range) => contains(range, parsed.parts))
    const { bits } = parsed
    return this.#ipv4.some(({ first, last }) => first <= bits && bits <= last)
  }
}

interface Ipv4Range {
  readonly first: number
  readonly last: number
}

interface Ipv6Range {
  readonly parts: readonly number[]
  readonly prefixBits: number
}

type CidrRange = Ipv4Range | Ipv6Range

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
  if (slash < 0) return rangeOf(base, widthBits)
  const digits = entry.slice(slash + 1)
  const prefixBits = /^\d{1,3}$/.test(digits) ? Number(digits) - mappedBits : -1
  if (prefixBits < 0 || prefixBits > widthBits) {
    throw new Error(`trusted proxies: "${text}" has an impossible prefix length`)
  }
  return rangeOf(base, prefixBits)
}

function rangeOf(base: IpAddress, prefixBits: number): CidrRange {
  if (base.family === 6) return { parts: base.parts, prefixBits }
  const size = 2 ** (32 - prefixBits)
  const first = base.bits - (base.bits % size)
  return { first, last: first + size - 1 }
}

function contains({ parts, prefixBits }: Ipv6Range, address: readonly number[]): boolean {
  return parts.every((part, index) => {
    const freeBits = Math.min(16, Math.max(0, (index + 1) * 16 - prefixBits))
    return part >> freeBits === (address[index] ?? 0) >> freeBits
  })
}
