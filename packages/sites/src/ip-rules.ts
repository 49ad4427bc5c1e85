import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** Addresses and CIDR ranges that a site shields itself from. */
export interface IpRules {
  /** Compared by value, so it does not matter how an address is written; text that is no address matches nothing. */
  includes(ip: string): boolean
}

/**
 * @param texts single addresses or CIDR ranges, IPv4 or IPv6
 * @throws RangeError for a text that is neither; check with `isIpRule` first
 */
export function compileIpRules(texts: readonly string[]): IpRules {
  const ranges = texts.map((text) => {
    const range = parseRange(text)
    if (range === undefined) throw new RangeError(`${JSON.stringify(text)} is no address and no CIDR range`)
    return range
  })
  return {
    includes: (ip) => {
      const address = ranges.length === 0 ? undefined : parseAddress(ip)
      return address !== undefined && ranges.some((range) => isWithin(address, range))
    },
  }
}

export function isIpRule(text: string): boolean {
  return parseRange(text) !== undefined
}

interface Range {
  readonly network: Address
  readonly prefixBits: number
}

function parseRange(text: string): Range | undefined {
  const [, given = text, bits] = /^(.+)\/(\d{1,3})$/.exec(text) ?? []
  const network = parseAddress(given)
  if (network === undefined) return undefined
  const addressBits = network.kind() === 'ipv4' ? 32 : 128
  if (bits === undefined) return { network, prefixBits: addressBits }
  // A range of IPv4-mapped IPv6 addresses is the range of their IPv4 addresses.
  const mappedBits = network.kind() === 'ipv4' && isIP(given) === 6 ? 96 : 0
  const prefixBits = Number(bits) - mappedBits
  return prefixBits < 0 || prefixBits > addressBits ? undefined : { network, prefixBits }
}

/** IPv4-mapped IPv6 as IPv4. Node decides what an address is: the library also takes `1` and `0x7f.1` for one. */
function parseAddress(text: string): Address | undefined {
  return isIP(text) === 0 || text.includes('%') ? undefined : ipaddr.process(text)
}

function isWithin(address: Address, { network, prefixBits }: Range): boolean {
  return address.kind() === network.kind() && address.match(network, prefixBits)
}
