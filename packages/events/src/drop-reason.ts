/**
 * Why a rule refused an event, as stored in `dropped_events.reason`.
 * Names and order of the first eleven follow Plausible's ingestion.
 */
export const dropReasons = [
  'spam_referrer',
  'not_found',
  'verification_agent',
  'dc_ip',
  'threat_ip',
  'site_hostname_allowlist',
  'site_page_blocklist',
  'site_ip_blocklist',
  'site_country_blocklist',
  'bot',
  'no_session_for_engagement',
  'repeat',
] as const

export type DropReason = (typeof dropReasons)[number]
