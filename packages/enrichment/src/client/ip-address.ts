import { isIPv6 } from 'node:net'

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
  const parts = ipv6Parts(text)
  if (parts === undefined) return undefined
  const mapped = mappedBits(parts)
  return mapped === undefined ? { family: 6, parts } : { family: 4, bits: mapped }
}

/** The one spelling of an address (IPv4 dotted, IPv6 as RFC 5952, IPv4 unmapped), or undefined when it is none. */
export function canonicalIp(text: string): string | undefined {
  const ipv4 = unmapped(text)
  if (ipv4Bits(ipv4) !== undefined) return ipv4
  const parts = ipv6Parts(text)
  if (parts === undefined) return undefined
  const mapped = mappedBits(parts)
  return mapped === undefined ? ipv6Text(parts) : ipv4Text(mapped)
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

/** What Node takes for IPv6, as numbers: it has said that the text is well formed, so only its value is left to find. */
function ipv6Parts(text: string): number[] | undefined {
  if (!text.includes(':')) return undefined
  const zone = text.indexOf('%')
  const address = zone < 0 ? text : text.slice(0, zone)
  if (!isIPv6(address)) return undefined
  const parts = [0, 0, 0, 0, 0, 0, 0, 0]
  const tail = address.includes('.') ? ipv4Bits(address.slice(address.lastIndexOf(':') + 1)) : undefined
  const length = tail === undefined ? address.length : address.lastIndexOf(':') + 1
  let count = 0
  let gap = -1
  for (let at = 0; at < length; at++) {
    if (address.charCodeAt(at) === colon) {
      if (address.charCodeAt(at + 1) === colon) gap = count
      continue
    }
    let part = 0
    for (; at < length && address.charCodeAt(at) !== colon; at++) part = part * 16 + hexDigit(address, at)
    parts[count++] = part
    at--
  }
  if (tail !== undefined) {
    parts[count++] = tail >>> 16
    parts[count++] = tail & 0xffff
  }
  if (gap < 0) return parts
  const end = parts.length - (count - gap)
  return parts.copyWithin(end, gap, count).fill(0, gap, end)
}

const colon = 0x3a

/** Of a character that is known to be a digit or a letter up to `f`. */
function hexDigit(text: string, at: number): number {
  const code = text.charCodeAt(at)
  return code <= 0x39 ? code - 0x30 : (code | 0x20) - 0x57
}

/** The IPv4 address of `::ffff:0:0/96` (RFC 4291, 2.5.5.2). */
function mappedBits(parts: readonly number[]): number | undefined {
  const [a, b, c, d, e, f, high = 0, low = 0] = parts
  return a === 0 && b === 0 && c === 0 && d === 0 && e === 0 && f === 0xffff
    ? high * 0x1_0000 + low
    : undefined
}

function ipv4Text(bits: number): string {
  return `${bits >>> 24}.${(bits >>> 16) & 0xff}.${(bits >>> 8) & 0xff}.${bits & 0xff}`
}

/** As RFC 5952, 4: lower case, and the first of the longest runs of two or more zero parts is cut. */
function ipv6Text(parts: readonly number[]): string {
  let [start, end] = [0, 1]
  for (let at = 0; at < parts.length; at++) {
    let zeros = at
    while (parts[zeros] === 0) zeros++
    if (zeros - at > end - start) [start, end] = [at, zeros]
    at = Math.max(at, zeros)
  }
  return end - start < 2 ? hexText(parts, 0, 8) : `${hexText(parts, 0, start)}::${hexText(parts, end, 8)}`
}

function hexText(parts: readonly number[], from: number, to: number): string {
  let text = ''
  for (let at = from; at < to; at++) text += (at === from ? '' : ':') + (parts[at] ?? 0).toString(16)
  return text
}
