import {
  clientIp,
  ipTypeOf,
  type IpType,
  type RequestHeaders,
  type TrustedProxies,
} from '@millrace/enrichment'
import type { ClientHints } from '@millrace/events'

/** What the request says of its sender. */
export interface ClientFacts {
  /** Canonical text; empty when unknown. */
  readonly ip: string
  /** What a trusted proxy says of the address. */
  readonly ipType: IpType | undefined
  readonly userAgent: string
  /** First tag of `Accept-Language`, or empty. */
  readonly language: string
  readonly clientHints: ClientHints | undefined
}

/** Longer header values are cut, characters. Real user agents stay below 600. */
const userAgentCharsMax = 2_000
const hintCharsMax = 500
const languageCharsMax = 35

export function clientFacts(
  request: { readonly peer: string; readonly headers: RequestHeaders },
  trustedProxies: TrustedProxies,
): ClientFacts {
  const { peer, headers } = request
  return {
    ip: clientIp({ peer, headers, trustedProxies }),
    ipType:
      headers['x-plausible-ip-type'] === undefined ? undefined : ipTypeOf(headers, trustedProxies.has(peer)),
    userAgent: text(headers, 'user-agent', userAgentCharsMax),
    language: firstLanguage(text(headers, 'accept-language', 200)),
    clientHints:
      headers['sec-ch-ua'] === undefined && headers['sec-ch-ua-platform'] === undefined
        ? undefined
        : clientHints(headers),
  }
}

function clientHints(headers: RequestHeaders): ClientHints {
  const fullList = text(headers, 'sec-ch-ua-full-version-list', hintCharsMax)
  const brands = fullList === '' ? text(headers, 'sec-ch-ua', hintCharsMax) : fullList
  const hints: ClientHints = {}
  if (brands !== '') hints.brands = brands
  for (const [name, header] of otherHints) {
    const value = text(headers, header, hintCharsMax)
    if (value !== '') hints[name] = value
  }
  return hints
}

const otherHints = [
  ['platform', 'sec-ch-ua-platform'],
  ['platformVersion', 'sec-ch-ua-platform-version'],
  ['model', 'sec-ch-ua-model'],
  ['mobile', 'sec-ch-ua-mobile'],
] as const

/** `en-GB` of `en-GB,en;q=0.9`; `*` says nothing. */
function firstLanguage(accepted: string): string {
  const end = accepted.search(/[,;]/)
  const tag = (end === -1 ? accepted : accepted.slice(0, end)).trim()
  return tag === '*' || tag.length > languageCharsMax ? '' : tag
}

function text(headers: RequestHeaders, name: string, charsMax: number): string {
  const value = headers[name]
  if (value === undefined) return ''
  const first = typeof value === 'string' ? value : (value[0] ?? '')
  return first.length > charsMax ? first.slice(0, charsMax) : first
}
