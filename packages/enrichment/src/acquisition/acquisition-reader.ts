import { TextCache } from '../client/text-cache.ts'
import { acquisition, type Acquisition } from './acquisition.ts'
import type { ReferrerSources } from './referrer-lists.ts'
import { packagedSourceTable, type SourceTable } from './source-table.ts'

/** How many distinct ways to come are remembered, in how many bytes, and how long one may be to be worth it, in characters. */
export const acquisitionCacheEntriesMax = 10_000
export const acquisitionCacheBytesMax = 14_000_000
export const acquisitionKeyCharsMax = 500

/** `acquisition` with a memory: most visits come from a few places. */
export class AcquisitionReader {
  /** Which lists of the operator's answer, such as `referrers=2026-11-19`; empty without any. */
  readonly version: string
  readonly #known: TextCache<Acquisition>
  /** Of who came from nowhere, or from another page of the site: most events. */
  readonly #direct: Acquisition
  readonly #sources: SourceTable

  constructor(options: { readonly cacheEntriesMax?: number; readonly sources?: ReferrerSources } = {}) {
    this.version = options.sources?.version ?? ''
    this.#sources = options.sources?.table ?? packagedSourceTable
    this.#known = new TextCache({
      entriesMax: options.cacheEntriesMax ?? acquisitionCacheEntriesMax,
      bytesMax: acquisitionCacheBytesMax,
    })
    this.#direct = acquisition({ hostname: '', query: '', referrer: '' }, this.#sources)
  }

  read(event: { readonly hostname: string; readonly query: string; readonly referrer: string }): Acquisition {
    const { hostname, query, referrer } = event
    if (query === '' && (referrer === '' || isOwnPage(referrer, hostname))) return this.#direct
    // With the lengths in front, no two events share a key.
    const key = `${hostname.length} ${query.length} ${hostname}${query}${referrer}`
    if (key.length > acquisitionKeyCharsMax) return acquisition(event, this.#sources)
    let found = this.#known.get(key)
    if (found === undefined) {
      found = acquisition(event, this.#sources)
      this.#known.set(key, found)
    }
    return found
  }
}

const ownScheme = 'https://'
const slash = 47

/**
 * Whether a referrer is certainly a page of this very host, told without taking the URL apart. What is not told here may
 * still be one: `acquisition` finds out.
 */
function isOwnPage(referrer: string, hostname: string): boolean {
  const end = ownScheme.length + hostname.length
  return (
    referrer.charCodeAt(end) === slash &&
    referrer.startsWith(ownScheme) &&
    referrer.startsWith(hostname, ownScheme.length) &&
    isPlainHost(hostname)
  )
}

/** Not empty, and only letters, digits, dots and hyphens: nothing that a URL would be split at. */
function isPlainHost(hostname: string): boolean {
  return /^[a-z0-9.-]+$/i.test(hostname)
}
