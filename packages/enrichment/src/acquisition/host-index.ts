/**
 * Finds what belongs to a host and path: the longest known suffix of the host, and on it the longest known path prefix
 * before the host itself. Keys are hosts with an optional path (`google.com/imgres`); a label `{}` stands for a country
 * (`amazon.{}`: `amazon.de`, `amazon.co.jp`; `{}.ask.com`: `uk.ask.com`), as in Matomo's lists. A name without `{}` wins.
 */
export class HostIndex<Value> {
  readonly #byHost = new Map<string, HostEntry<Value>>()
  #hasCountries = false

  /** Later entries for the same host and path do not replace earlier ones. */
  constructor(entries: Iterable<readonly [key: string, value: Value]>) {
    for (const [key, value] of entries) this.#add(key, value)
    for (const { paths } of this.#byHost.values()) paths.sort((a, b) => b.path.length - a.path.length)
  }

  /** @param host without `www.`, lower case */
  find(host: string, path: string): Value | undefined {
    const found = this.#findSuffix(host, path)
    if (found !== undefined || !this.#hasCountries) return found
    const form = countryForm(host)
    return form === host ? undefined : this.#findSuffix(form, path)
  }

  /** What the name itself stands for, such as the id of an Android app: not its suffixes. */
  exact(name: string): Value | undefined {
    return this.#byHost.get(name)?.value
  }

  #findSuffix(host: string, path: string): Value | undefined {
    for (let suffix = host; suffix !== ''; suffix = parentDomain(suffix)) {
      const entry = this.#byHost.get(suffix)
      if (entry === undefined) continue
      const found =
        entry.paths.find((candidate) => startsWithPath(path, candidate.path))?.value ?? entry.value
      if (found !== undefined) return found
    }
    return undefined
  }

  #add(key: string, value: Value): void {
    const slash = key.indexOf('/')
    const host = (slash < 0 ? key : key.slice(0, slash)).toLowerCase().replace(/^www\./, '')
    const entry = this.#byHost.get(host) ?? { value: undefined, paths: [] }
    this.#byHost.set(host, entry)
    this.#hasCountries ||= host.includes('{}')
    if (slash < 0) entry.value ??= value
    else entry.paths.push({ path: key.slice(slash), value })
  }
}

interface HostEntry<Value> {
  value: Value | undefined
  /** Path prefixes, longest first. */
  readonly paths: { readonly path: string; readonly value: Value }[]
}

/** The host with its country as `{}`: `shop.amazon.co.uk` is `shop.amazon.{}`, `uk.ask.com` is `{}.ask.com`. */
export function countryForm(host: string): string {
  return hasShortLabel.test(host)
    ? host.replace(/\.(?:com?\.)?[a-z]{2}$/, '.{}').replace(/(^|\.)[a-z]{2}(?=\.)/g, '$1{}')
    : host
}

const hasShortLabel = /(?:^|\.)[a-z]{2}(?:\.|$)/

/** The domain above; empty above the last two labels, since nobody is known by a suffix such as `com`. */
function parentDomain(host: string): string {
  const above = host.slice(host.indexOf('.') + 1)
  return above !== host && above.includes('.') ? above : ''
}

/** `/search` holds `/search` and `/search/x`, not `/searching`. */
function startsWithPath(path: string, prefix: string): boolean {
  const bare = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix
  return path.startsWith(bare) && (path.length === bare.length || path[bare.length] === '/')
}
