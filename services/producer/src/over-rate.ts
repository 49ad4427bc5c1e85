import type { UnsequencedEvent } from '@millrace/intake'
import type { Charge, RateLimiter, Site, SiteDirectory } from '@millrace/sites'

/**
 * Charges the request's events to their sites' rates, each once, of all sites or of none. What a rule of the door drops is
 * not charged: it is no traffic of the site's.
 * @returns undefined when all may pass, else how long the client should wait, seconds
 */
export function overRate(
  events: readonly UnsequencedEvent[],
  options: {
    readonly sites: SiteDirectory
    readonly rateLimiter: Pick<RateLimiter, 'take'>
    /** Unix milliseconds. */
    readonly now: number
  },
): number | undefined {
  const { sites, rateLimiter, now } = options
  let counts: Map<Site, number> | undefined
  for (const { site: domain, drop } of events) {
    const site = drop === undefined ? sites.find(domain) : undefined
    if (site?.rateLimit === undefined) continue
    counts ??= new Map<Site, number>()
    counts.set(site, (counts.get(site) ?? 0) + 1)
  }
  if (counts === undefined) return undefined
  const charges = [...counts].map(([site, count]): Charge => ({ site, count }))
  const taken = rateLimiter.take(charges, now)
  return taken.ok ? undefined : taken.retryAfterS
}
