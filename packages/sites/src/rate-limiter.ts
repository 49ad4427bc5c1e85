import type { Site } from './site.ts'

export type Taken = { readonly ok: true } | { readonly ok: false; readonly retryAfterS: number }

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
   * Takes tokens for so many events, all or none. More events than the burst holds pass when the bucket is full, and the
   * next request waits the longer: otherwise a large request could be repeated for ever.
   * @param nowMs Unix milliseconds; a clock that steps back fills nothing
   */
  take(site: Site, count: number, nowMs: number): Taken {
    const limit = site.rateLimit
    if (limit === undefined || count <= 0) return { ok: true }
    const { eventsPerSecond, burst } = limit
    const bucket = this.#buckets.get(site.domain) ?? { tokens: burst, filledAt: nowMs }
    const elapsedS = Math.max(0, nowMs - bucket.filledAt) / 1000
    const tokens = Math.min(burst, bucket.tokens + elapsedS * eventsPerSecond)
    const missing = Math.min(count, burst) - tokens
    const isRefused = missing > 0
    this.#keep(site.domain, { tokens: isRefused ? tokens : tokens - count, filledAt: nowMs })
    return isRefused
      ? { ok: false, retryAfterS: Math.max(1, Math.ceil(missing / eventsPerSecond)) }
      : { ok: true }
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
