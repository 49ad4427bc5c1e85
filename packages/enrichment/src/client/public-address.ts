import { isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'
import { ipv4Bits } from './ip-address.ts'

/**
 * Whether an address, canonical, belongs to somebody. Private and reserved ranges mean a different machine in every network,
 * or none: databases and lists of bad addresses name some of them nevertheless.
 */
export function isPublicAddress(ip: string): boolean {
  const bits = ipv4Bits(ip)
  if (bits !== undefined) return !nobodysIpv4.some(({ first, last }) => first <= bits && bits <= last)
  return isIPv6(ip) && !nobodysIpv6.has(ipaddr.IPv6.parse(ip).range())
}

/** The IANA's special purpose registry (RFC 6890 and those after it), without those that are reached like any other. */
const nobodysIpv4 = [
  network('0.0.0.0', 8),
  network('10.0.0.0', 8),
  network('100.64.0.0', 10), // carriers' own, RFC 6598
  network('127.0.0.0', 8),
  network('169.254.0.0', 16),
  network('172.16.0.0', 12),
  network('192.0.0.0', 24),
  network('192.0.2.0', 24), // documentation, RFC 5737
  network('192.88.99.0', 24),
  network('192.168.0.0', 16),
  network('198.18.0.0', 15), // benchmarks, RFC 2544
  network('198.51.100.0', 24),
  network('203.0.113.0', 24),
  network('224.0.0.0', 3), // multicast, reserved, broadcast
]

/** As ipaddr.js calls them. Tunnels (6to4, Teredo, NAT64) carry somebody's address: databases answer for them. */
const nobodysIpv6: ReadonlySet<string> = new Set([
  'unspecified',
  'loopback',
  'linkLocal',
  'uniqueLocal',
  'deprecatedSiteLocal',
  'multicast',
  'benchmarking',
  'discard',
  'reserved',
])

function network(base: string, prefixBits: number): { readonly first: number; readonly last: number } {
  const first = ipv4Bits(base) ?? 0
  return { first, last: first + 2 ** (32 - prefixBits) - 1 }
}
