import type { UnsequencedEvent } from '@millrace/intake'
import type { RateLimiter, SiteDirectory } from '@millrace/sites'

/**
 * Charges the request's events to their sites' rates.
 * @returns undefined when all may pass, else how long the client should wait, seconds
 */
export function overRate(
  events: readonly UnsequencedEvent[],
  options: {
    readonly sites: SiteDirectory
    readonly rateLimiter: Pick<RateLimiter, 'take'>
    readonly now: number
  },
): number | undefined {
  const { sites, rateLimiter, now } = options
  const counts = new Map<string, number>()
  for (const { site, drop } of events) {
    if (drop !== 'not_found') counts.set(site, (counts.get(site) ?? 0) + 1)
  }
  for (const [domain, count] of counts) {
    const site = sites.find(domain)
    if (site === undefined) continue
    const taken = rateLimiter.take(site, count, now)
    if (!taken.ok) return taken.retryAfterS
  }
  return undefined
}
