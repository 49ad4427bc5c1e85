import { LRUCache } from 'lru-cache'
import { acquisition, type Acquisition } from './acquisition.ts'
import type { ReferrerSources } from './referrer-lists.ts'
import { packagedSourceTable, type SourceTable } from './source-table.ts'

/** How many distinct ways to come are remembered, and how long one may be to be worth it, in characters. */
export const acquisitionCacheEntriesMax = 10_000
export const acquisitionKeyCharsMax = 500

/** `acquisition` with a memory: most visits come from a few places. */
export class AcquisitionReader {
  /** Which lists of the operator's answer, such as `referrers=2026-11-19`; empty without any. */
  readonly version: string
  readonly #known: LRUCache<string, Acquisition>
  readonly #sources: SourceTable

  constructor(options: { readonly cacheEntriesMax?: number; readonly sources?: ReferrerSources } = {}) {
    this.version = options.sources?.version ?? ''
    this.#sources = options.sources?.table ?? packagedSourceTable
    this.#known = new LRUCache({ max: options.cacheEntriesMax ?? acquisitionCacheEntriesMax })
  }

  read(event: { readonly hostname: string; readonly query: string; readonly referrer: string }): Acquisition {
    // With the lengths in front, no two events share a key.
    const { hostname, query, referrer } = event
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
