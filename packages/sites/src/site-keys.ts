import { createHash, createHmac, randomBytes } from 'node:crypto'
import { siteWithoutRules, type Site } from './site.ts'

/** Sites by what the keyed protocols call them by, each undefined where no site has the key. */
export interface SiteKeysIndex {
  kameleoonSite(siteCode: string): Site | undefined
  octethSite(listId: number): Site | undefined
  successeveSite(apiToken: string): Site | undefined
  /** Whether the API key or the session id is a known one; empty ones never are. */
  admitsOcteth(caller: { readonly apiKey: string; readonly sessionId: string }): boolean
}

/** The keys that the sites file names. */
export function indexKeys(
  sites: readonly Site[],
  octeth: { readonly apiKeys: readonly string[]; readonly sessionIds: readonly string[] },
): SiteKeysIndex {
  const secret = randomBytes(32)
  const siteCodes = new Map(sites.flatMap((site) => site.keys.kameleoonSiteCodes.map((code) => [code, site])))
  const listIds = new Map(sites.flatMap((site) => site.keys.octethListIds.map((id) => [id, site])))
  const tokens = new Map(
    sites.flatMap((site) => site.keys.successeveApiTokens.map((token) => [digest(secret, token), site])),
  )
  const apiKeys = new Set(octeth.apiKeys.map((key) => digest(secret, key)))
  const sessionIds = new Set(octeth.sessionIds.map((id) => digest(secret, id)))
  return {
    kameleoonSite: (siteCode) => siteCodes.get(siteCode),
    octethSite: (listId) => listIds.get(listId),
    successeveSite: (apiToken) => tokens.get(digest(secret, apiToken)),
    admitsOcteth: ({ apiKey, sessionId }) =>
      apiKeys.has(digest(secret, apiKey)) || sessionIds.has(digest(secret, sessionId)),
  }
}

/**
 * Without a sites file: every key has a site of its own, named after it. A token is a secret and names its site by a part
 * of its SHA-256.
 */
export function acceptAllKeys(): SiteKeysIndex {
  return {
    kameleoonSite: (siteCode) => (siteCode === '' ? undefined : siteWithoutRules(siteCode)),
    octethSite: (listId) => siteWithoutRules(`octeth-${String(listId)}`),
    successeveSite: (apiToken) => (apiToken === '' ? undefined : siteWithoutRules(tokenSite(apiToken))),
    admitsOcteth: ({ apiKey, sessionId }) => apiKey !== '' || sessionId !== '',
  }
}

/**
 * Keys are looked up by their digest under a secret of this process: how long that takes tells nothing of how much of a
 * key was right.
 */
function digest(secret: Buffer, key: string): string {
  return createHmac('sha256', secret).update(key).digest('base64')
}

function tokenSite(apiToken: string): string {
  return `successeve-${createHash('sha256').update(apiToken).digest('hex').slice(0, 12)}`
}
