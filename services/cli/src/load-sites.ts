import { kameleoonSiteCode, octethApiKey, octethListId, siteName, successEveToken } from '@millrace/traffic'

/** The sites file with which a producer takes all that `load` sends to that many sites. */
export function loadSitesFile(sites: number): string {
  const ranks = Array.from({ length: sites }, (_, index) => index + 1)
  return JSON.stringify({
    acceptUnknownSites: false,
    sites: ranks.map((rank) => ({
      domain: siteName(rank),
      goals: [{ eventName: 'Purchase', currency: 'USD' }],
      kameleoon: { siteCodes: [kameleoonSiteCode(rank)] },
      octeth: { listIds: [octethListId(rank)] },
      successeve: { apiTokens: [successEveToken(rank)] },
    })),
    octeth: { apiKeys: [octethApiKey], sessionIds: [] },
  })
}
