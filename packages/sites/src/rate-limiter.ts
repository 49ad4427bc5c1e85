import type { RateLimit, Site } from './site.ts'

export type Taken = { readonly ok: true } | { readonly ok: false; readonly retryAfterS: number }

/** So many events for a site. */
export interface Charge {
  readonly site: Site
  readonly count: number
}

interface Bucket {
  /** Below zero after a request larger than the burst. */
  readonly tokens: number
  readonly filledAt: number
}

/** Buckets kept at once, the least recently used go first; a site that lost its bucket starts with a full one. */
const bucketsMaxDefault = 10_000

/** One token bucket per site with a limit, in this process: with k producers a site gets up to k times its limit. */
export class RateLimiter {
  readonly #buckets = new Map<string, Bucket>()
  readonly #bucketsMax: number

  constructor(options: { readonly bucketsMax?: number } = {}) {
    this.#bucketsMax = options.bucketsMax ?? bucketsMaxDefault
  }

  get bucketCount(): number {
    return this.#buckets.size
  }

  /**
   * Takes tokens for the events of a request, of all its sites or of none. More events than the burst holds pass when the
   * bucket is full, and the next request waits the longer: otherwise a large request could be repeated for ever.
   * @param charges each site once
   * @param nowMs Unix milliseconds; a clock that steps back fills nothing
   */
  take(charges: readonly Charge[], nowMs: number): Taken {
    const limited = charges.flatMap(({ site, count }) =>
      site.rateLimit === undefined || count <= 0 ? [] : [{ site, count, limit: site.rateLimit }],
    )
    const looks = limited.map(({ site, count, limit: { eventsPerSecond, burst } }) => {
      const tokens = this.#fill(site.domain, { eventsPerSecond, burst, nowMs })
      const waitS = (Math.min(count, burst) - tokens) / eventsPerSecond
      return { domain: site.domain, count, tokens, waitS }
    })
    const waitS = Math.max(0, ...looks.map((look) => look.waitS))
    for (const { domain, count, tokens } of looks) {
      this.#keep(domain, { tokens: waitS > 0 ? tokens : tokens - count, filledAt: nowMs })
    }
    return waitS > 0 ? { ok: false, retryAfterS: Math.max(1, Math.ceil(waitS)) } : { ok: true }
  }

  /** The bucket's tokens as they are now. */
  #fill(domain: string, limit: RateLimit & { readonly nowMs: number }): number {
    const { eventsPerSecond, burst, nowMs } = limit
    const bucket = this.#buckets.get(domain) ?? { tokens: burst, filledAt: nowMs }
    const elapsedS = Math.max(0, nowMs - bucket.filledAt) / 1000
    return Math.min(burst, bucket.tokens + elapsedS * eventsPerSecond)
  }

  #keep(domain: string, bucket: Bucket): void {
    this.#buckets.delete(domain)
    this.#buckets.set(domain, bucket)
    if (this.#buckets.size <= this.#bucketsMax) return
    for (const oldest of this.#buckets.keys()) {
      this.#buckets.delete(oldest)
      return
    }
  }
}
