import { clientIp, forwardedHopsMax, forwardingHeaders, hopAddress, hopsOf } from './client-ip.ts'
import { canonicalIp } from './ip-address.ts'
import type { RequestHeaders } from './request-headers.ts'
import type { TrustedProxies } from './trusted-proxies.ts'

/** One hop of a forwarding header, as it was sent and as it is understood. */
export interface ClientIpHop {
  readonly text: string
  /** Canonical; undefined when the text is no address. */
  readonly address: string | undefined
  readonly isTrusted: boolean
}

export interface ClientIpHeader {
  readonly name: string
  /** From the right, as they are walked: the first was written by who sent the request to us. */
  readonly hops: readonly ClientIpHop[]
  /** Whether the client's address is taken from it. */
  readonly isChosen: boolean
}

/** How the client's address of a request is found. */
export interface ClientIpSteps {
  readonly peer: { readonly text: string; readonly address: string; readonly isTrusted: boolean }
  /** The forwarding headers that the request has, in the order in which they are asked. */
  readonly headers: readonly ClientIpHeader[]
  /** What `clientIp` says. */
  readonly client: string
}

/** Explains `clientIp`, for operators; texts are cut to what a hop can be. */
export function clientIpSteps(options: {
  readonly peer: string
  readonly headers: RequestHeaders
  readonly trustedProxies: TrustedProxies
}): ClientIpSteps {
  const { peer, headers, trustedProxies } = options
  const isTrusted = trustedProxies.has(peer)
  const client = clientIp(options)
  let isFound = !isTrusted
  const shown = forwardingHeaders
    .filter(({ name }) => headers[name] !== undefined)
    .map((header): ClientIpHeader => {
      const walked = hopsOf(header, headers).slice(-forwardedHopsMax).toReversed()
      const read = walked.map((text) => hopOf(text, trustedProxies))
      // The header nearest to us decides whether anything of it counts: its last hop must be an address.
      const isChosen = !isFound && read[0]?.address !== undefined
      isFound ||= isChosen
      return { name: header.name, hops: read, isChosen }
    })
  return { peer: { text: peer, address: canonicalIp(peer) ?? '', isTrusted }, headers: shown, client }
}

const hopCharsMax = 100

function hopOf(text: string, trustedProxies: TrustedProxies): ClientIpHop {
  const address = hopAddress(text)
  return {
    text: text.trim().slice(0, hopCharsMax),
    address,
    isTrusted: address !== undefined && trustedProxies.has(address),
  }
}
