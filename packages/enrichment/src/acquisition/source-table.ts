import { HostIndex } from './host-index.ts'
import { androidPrefix } from './referral.ts'
import { knownReferrers, packagedSources } from './referrer-database.ts'
import { sourceAliases, sourceFamilies } from './source-aliases.ts'
import { sourceCategory } from './source-categories.ts'
import type { SourceCategory } from './source-category.ts'
import { withoutWww, type UrlParts } from './url-parts.ts'

/** A host (with an optional path, `{}` for a country) or an Android app's id, as a list of the operator's has it. */
export interface ListedReferrer {
  readonly key: string
  readonly source: string
  readonly category: SourceCategory
}

/** Names of sources, and what kind of place each is. */
export class SourceTable {
  readonly #listed: HostIndex<string>
  /** Lower case to the name that is stored. */
  readonly #names: ReadonlyMap<string, string>
  readonly #listedCategories: ReadonlyMap<string, SourceCategory>

  /** @param listed the operator's own; looked up before the packaged data, after the aliases */
  constructor(listed: readonly ListedReferrer[] = []) {
    this.#listed = new HostIndex(listed.map(({ key, source }) => [key, source]))
    this.#names =
      listed.length === 0
        ? knownNames
        : new Map([...listed.map(({ source }) => lowered(source)), ...knownNames])
    this.#listedCategories = new Map(
      listed.map(({ source, category }) => [this.tagged(source).toLowerCase(), category]),
    )
  }

  /**
   * The stored name of a tag's source: looked up without regard to case among the names of the database, the aliases and
   * the names they stand for; unknown ones unchanged. Plausible, section 4.3.
   */
  tagged(tag: string): string {
    return this.#names.get(tag.toLowerCase()) ?? tag
  }

  /** The source of a valid referral: alias, family, list, database, or the bare host in its own case. */
  ofReferral(referral: UrlParts): string {
    const bareHost = withoutWww(referral.host)
    const host = bareHost.toLowerCase()
    const prefix = androidPrefix(referral.scheme)
    const known =
      sourceAliases.get(prefix + host) ??
      sourceFamilies.find(([suffix]) => host === suffix || host.endsWith(`.${suffix}`))?.[1]
    if (known !== undefined) return known
    const found =
      prefix === ''
        ? (this.#listed.find(host, referral.path) ?? knownHosts.find(host, referral.path))
        : (this.#listed.exact(host) ?? knownHosts.exact(host))
    return found === undefined ? prefix + bareHost : this.tagged(found)
  }

  /** @param source lower case */
  category(source: string): SourceCategory | undefined {
    return sourceCategory(source) ?? this.#listedCategories.get(source)
  }
}

const knownHosts = new HostIndex(knownReferrers())

const lowered = (name: string) => [name.toLowerCase(), name] as const

const knownNames: ReadonlyMap<string, string> = new Map([
  ...knownReferrers().map(([, name]) => lowered(name)),
  ...[...packagedSources().keys()].map(lowered),
  ...sourceFamilies.map(([, name]) => lowered(name)),
  ...[...sourceAliases.values()].map(lowered),
  // Last, so that `twitter` is X (Twitter) although the database has the name Twitter.
  ...sourceAliases,
])

/** What is known without any list of the operator's. */
export const packagedSourceTable = new SourceTable()
