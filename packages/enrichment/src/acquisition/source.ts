import { androidPrefix } from './referral.ts'
import { databaseSource, databaseSources } from './referrer-database.ts'
import { sourceAliases, sourceFamilies } from './source-aliases.ts'
import { withoutWww, type UrlParts } from './url-parts.ts'

/**
 * The stored name of a tag's source: looked up without regard to case among the names of the database, the aliases and
 * the names they stand for; unknown ones unchanged. Plausible, section 4.3.
 */
export function taggedSource(tag: string): string {
  return canonicalNames.get(tag.toLowerCase()) ?? tag
}

/** The source of a valid referral: alias, family, database, or the bare host in its own case. */
export function referralSource(referral: UrlParts): string {
  const bareHost = withoutWww(referral.host)
  const host = bareHost.toLowerCase()
  const prefix = androidPrefix(referral.scheme)
  const known =
    sourceAliases.get(prefix + host) ??
    sourceFamilies.find(([suffix]) => host === suffix || host.endsWith(`.${suffix}`))?.[1]
  if (known !== undefined) return known
  const listed = databaseSource(host, referral.path)
  return listed === undefined ? prefix + bareHost : taggedSource(listed)
}

const canonicalNames: ReadonlyMap<string, string> = new Map([
  ...[...databaseSources().keys()].map((name) => [name.toLowerCase(), name] as const),
  ...sourceFamilies.map(([, name]) => [name.toLowerCase(), name] as const),
  ...[...sourceAliases.values()].map((name) => [name.toLowerCase(), name] as const),
  // Last, so that `twitter` is X (Twitter) although the database has the name Twitter.
  ...sourceAliases,
])
