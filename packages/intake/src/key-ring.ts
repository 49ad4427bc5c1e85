import type { KeyedSite, KeyRing } from '@millrace/protocols'
import type { Site, SiteDirectory } from '@millrace/sites'

/** The keys as the newest version of the sites says. */
export function keyRing(sites: () => SiteDirectory): KeyRing {
  return {
    kameleoonSite: (siteCode) => keyedSite(sites().kameleoonSite(siteCode)),
    octethSite: (listId) => keyedSite(sites().octethSite(listId)),
    successeveSite: (apiToken) => keyedSite(sites().successeveSite(apiToken)),
    admitsOcteth: (caller) => sites().admitsOcteth(caller),
  }
}

function keyedSite(site: Site | undefined): KeyedSite | undefined {
  return site === undefined ? undefined : { domain: site.domain, keepsEmails: site.emails === 'clear' }
}
