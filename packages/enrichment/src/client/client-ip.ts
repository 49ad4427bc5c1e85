import { canonicalIp, ipv4Bits } from './ip-address.ts'
import { headerText, type RequestHeaders } from './request-headers.ts'
import type { TrustedProxies } from './trusted-proxies.ts'

/** The most hops of one forwarding header that are walked, from the right. */
export const forwardedHopsMax = 32

/**
 * The client's address in canonical text, empty when even the peer is unknown.
 *
 * Forwarding headers count only when the peer is a trusted proxy, in Plausible's order: `x-plausible-ip`, `cf-connecting-ip`,
 * `b-forwarded-for`, `x-forwarded-for`, `forwarded`, then the peer. The two lists are walked from the right past
 * trusted hops, because only the right end was written by somebody we trust. A header that holds no address is passed over.
 */
export function clientIp(options: {
  readonly peer: string
  readonly headers: RequestHeaders
  readonly trustedProxies: TrustedProxies
}): string {
  const { headers, trustedProxies } = options
  const peer = canonicalIp(options.peer) ?? ''
  if (!trustedProxies.has(peer)) return peer
  for (const header of forwardingHeaders) {
    if (headers[header.name] === undefined) continue
    const address = walk(headerText(headers, header.name, header.repeated), header.hop, trustedProxies)
    if (address !== undefined) return address
  }
  return peer
}

/** A header that says where a request came from. */
export interface ForwardingHeader {
  readonly name: string
  /** What of a repeated header, or of a list, is read. */
  readonly repeated: 'first' | 'joined'
  /** What one element of the list says of its hop. */
  readonly hop: (element: string) => string
}

const asWritten = (element: string): string => element

/** In the order in which they are asked. The first three name one address; of a list, the first. */
export const forwardingHeaders: readonly ForwardingHeader[] = [
  { name: 'x-plausible-ip', repeated: 'first', hop: asWritten },
  { name: 'cf-connecting-ip', repeated: 'first', hop: asWritten },
  { name: 'b-forwarded-for', repeated: 'first', hop: asWritten },
  { name: 'x-forwarded-for', repeated: 'joined', hop: asWritten },
  { name: 'forwarded', repeated: 'joined', hop: forwardedFor },
]

/** The text of each hop, the last one written by whoever sent the request to us. */
export function hopsOf(header: ForwardingHeader, headers: RequestHeaders): string[] {
  return headerText(headers, header.name, header.repeated).split(',').map(header.hop)
}

/**
 * The first hop from the right that is not trusted; the leftmost when all are.
 * A hop that is no address ends the walk: what stands left of it was reported by nobody known.
 */
function walk(
  list: string,
  hop: ForwardingHeader['hop'],
  trustedProxies: TrustedProxies,
): string | undefined {
  let nearest: string | undefined
  let end = list.length
  for (let walked = 0; walked < forwardedHopsMax && end >= 0; walked++) {
    const comma = end === 0 ? -1 : list.lastIndexOf(',', end - 1)
    const address = hopAddress(hop(list.slice(comma + 1, end)))
    if (address === undefined) return nearest
    nearest = address
    if (!trustedProxies.has(address)) return nearest
    end = comma
  }
  return nearest
}

/** `1.2.3.4`, `1.2.3.4:567`, `[v6]`, `[v6]:567`, each possibly quoted, as canonical text. */
export function hopAddress(text: string): string | undefined {
  const trimmed = text.trim()
  if (ipv4Bits(trimmed) !== undefined) return trimmed
  const hop = trimmed.replace(/^"(.*)"$/, '$1')
  if (hop === '') return undefined
  if (hop.startsWith('[')) {
    const close = hop.indexOf(']')
    return close < 0 || !isPort(hop.slice(close + 1)) ? undefined : canonicalIp(hop.slice(1, close))
  }
  const colon = hop.indexOf(':')
  const hasPort = colon > 0 && colon === hop.lastIndexOf(':')
  if (!hasPort) return canonicalIp(hop)
  return isPort(hop.slice(colon)) ? canonicalIp(hop.slice(0, colon)) : undefined
}

const isPort = (text: string): boolean => text === '' || /^:\d{1,5}$/.test(text)

/** The `for=` value of RFC 7239; a hop without one is empty and so ends the walk. */
function forwardedFor(element: string): string {
  return /(?:^|;)\s*for\s*=\s*("[^"]*"|[^;]*)/i.exec(element)?.[1] ?? ''
}
