import type { Goal, Site } from './site.ts'

export function goalFor(site: Site, eventName: string): Goal | undefined {
  return site.goals.get(eventName)
}

/**
 * Whether the revenue of such an event is stored: the site has a goal of that name and it has a currency. A site that no
 * file describes has no goals to ask, so its revenue is stored. The amount stays in the currency it was sent in.
 */
export function storesRevenue(site: Site, eventName: string): boolean {
  return site.acceptsAllRevenue || goalFor(site, eventName)?.currency !== undefined
}
