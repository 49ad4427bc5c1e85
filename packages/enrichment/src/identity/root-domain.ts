import { getDomain } from 'tldts'
import { ipv4Bits } from '../client/ip-address.ts'

/**
 * The registrable domain by the Public Suffix List, private rules included (`foo.netlify.app` stays whole), in lower case.
 * `(none)`, IPv4 addresses and hosts without one (`localhost`) are returned as they are. Plausible, section 8.1.
 */
export function rootDomain(hostname: string): string {
  if (hostname === '(none)' || ipv4Bits(hostname) !== undefined) return hostname
  return getDomain(hostname.toLowerCase(), tldtsOptions) ?? hostname
}

// The input is a bare host, so the library need not look for one in a URL.
const tldtsOptions = { allowPrivateDomains: true, extractHostname: false, validateHostname: false } as const
