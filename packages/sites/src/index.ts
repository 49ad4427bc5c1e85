/** The sites file: which sites are accepted and by which rules their events are dropped. */
export { openSites, type OpenSites, type SitesReloaded } from './open-sites.ts'
export { acceptAllSites, parseSites, type SiteDirectory } from './site-directory.ts'
export type { Goal, RateLimit, Shields, Site, SiteKeys } from './site.ts'
export { isCountryShielded, refuseByShield, type ShieldReason } from './shield.ts'
export { goalFor, storesRevenue } from './goal.ts'
export { RateLimiter, type Charge, type Taken } from './rate-limiter.ts'
