import { headerText, type RequestHeaders } from './request-headers.ts'

export const ipTypes = ['dc_ip', 'threat_ip', 'anonymous_vpn_ip'] as const

export type IpType = (typeof ipTypes)[number]

/** What a trusted proxy says of the address in `X-Plausible-IP-Type`; exact and case-sensitive, anything else has no effect. */
export function ipTypeOf(headers: RequestHeaders, peerIsTrusted: boolean): IpType | undefined {
  if (!peerIsTrusted) return undefined
  const text = headerText(headers, 'x-plausible-ip-type', 'first')
  return ipTypes.find((type) => type === text)
}
