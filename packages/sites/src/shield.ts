import type { DropReason } from '@millrace/events'
import type { Site } from './site.ts'

export type ShieldReason = Extract<
  DropReason,
  'site_hostname_allowlist' | 'site_page_blocklist' | 'site_ip_blocklist'
>

/**
 * The first of a site's rules that refuses an event, in Plausible's order.
 * @param event.ip any spelling of the client's address; empty when unknown, which no rule matches
 */
export function refuseByShield(
  site: Site,
  event: { readonly ip: string; readonly hostname: string; readonly pathname: string },
): ShieldReason | undefined {
  const { hostnames, pages, ips } = site.shields
  // An event that is no page (hostname empty) has nothing that rules for pages could ask.
  const isPage = event.hostname !== ''
  if (isPage && hostnames.length > 0 && !hostnames.some((pattern) => pattern.matches(event.hostname))) {
    return 'site_hostname_allowlist'
  }
  if (isPage && pages.some((pattern) => pattern.matches(event.pathname))) return 'site_page_blocklist'
  return ips.includes(event.ip) ? 'site_ip_blocklist' : undefined
}

/** @param country ISO 3166-1 alpha-2, `A1` for an anonymous VPN, or empty when unknown, which no rule matches */
export function isCountryShielded(site: Site, country: string): boolean {
  return site.shields.countries.has(country)
}
