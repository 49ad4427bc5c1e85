import type { UnsequencedEvent } from '@millrace/intake'
import type { Charge, RateLimiter, SiteDirectory } from '@millrace/sites'

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
  const counts = new Map<string, number>()
  for (const { site, drop } of events) {
    if (drop === undefined) counts.set(site, (counts.get(site) ?? 0) + 1)
  }
  const charges = [...counts].flatMap(([domain, count]): Charge[] => {
    const site = sites.find(domain)
    return site === undefined ? [] : [{ site, count }]
  })
  const taken = rateLimiter.take(charges, now)
  return taken.ok ? undefined : taken.retryAfterS
}
