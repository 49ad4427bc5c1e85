import { isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'

/** An address as numbers: IPv4 as one unsigned 32-bit number, IPv6 as eight 16-bit parts. */
export type IpAddress =
  { readonly family: 4; readonly bits: number } | { readonly family: 6; readonly parts: readonly number[] }

/**
 * Reads an address; an IPv4-mapped IPv6 address is the IPv4 address it means, a zone (`%eth0`) is cut.
 * @returns undefined when the text is no address
 */
export function parseIpAddress(text: string): IpAddress | undefined {
  const bits = ipv4Bits(unmapped(text))
  if (bits !== undefined) return { family: 4, bits }
  const address = ipv6(text)
  if (address === undefined) return undefined
  return address.isIPv4MappedAddress()
    ? { family: 4, bits: ipv4Bits(address.toIPv4Address().toString()) ?? 0 }
    : { family: 6, parts: address.parts }
}

/** The one spelling of an address (IPv4 dotted, IPv6 as RFC 5952, IPv4 unmapped), or undefined when it is none. */
export function canonicalIp(text: string): string | undefined {
  const ipv4 = unmapped(text)
  if (ipv4Bits(ipv4) !== undefined) return ipv4
  const address = ipv6(text)
  if (address === undefined) return undefined
  return address.isIPv4MappedAddress() ? address.toIPv4Address().toString() : address.toString()
}

/** Without the prefix that every IPv4 peer's address has on a socket that takes both families. */
function unmapped(text: string): string {
  return text.startsWith('::ffff:') ? text.slice('::ffff:'.length) : text
}

/** A dotted quad as an unsigned number, undefined for anything else; leading zeros (octal to some) are refused. */
export function ipv4Bits(text: string): number | undefined {
  const length = text.length
  if (length < 7 || length > 15) return undefined
  let bits = 0
  let octet = -1
  let dots = 0
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code === 46 /* . */) {
      if (octet < 0 || ++dots > 3) return undefined
      bits = bits * 256 + octet
      octet = -1
    } else if (code >= 48 && code <= 57 && octet !== 0) {
      octet = octet < 0 ? code - 48 : octet * 10 + (code - 48)
      if (octet > 255) return undefined
    } else return undefined
  }
  return dots === 3 && octet >= 0 ? bits * 256 + octet : undefined
}

function ipv6(text: string): ipaddr.IPv6 | undefined {
  if (!text.includes(':')) return undefined
  const zone = text.indexOf('%')
  const address = zone < 0 ? text : text.slice(0, zone)
  return isIPv6(address) ? ipaddr.IPv6.parse(address) : undefined
}
