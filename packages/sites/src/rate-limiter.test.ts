import { describe, expect, it } from 'vitest'
import { RateLimiter } from './rate-limiter.ts'
import { siteWithoutRules } from './site.ts'
import { aSite } from './testing.ts'

const ok = { ok: true }
const site = aSite({ rateLimit: { eventsPerSecond: 10, burst: 20 } })
const startedAt = 1_000_000

describe('RateLimiter', () => {
  it('lets a burst pass, then what the rate brings', () => {
    const limiter = new RateLimiter()
    expect(limiter.take([{ site, count: 20 }], startedAt)).toEqual(ok)
    expect(limiter.take([{ site, count: 1 }], startedAt)).toEqual({ ok: false, retryAfterS: 1 })
    expect(limiter.take([{ site, count: 1 }], startedAt + 99)).toMatchObject({ ok: false })
    expect(limiter.take([{ site, count: 1 }], startedAt + 150)).toEqual(ok)
    expect(limiter.take([{ site, count: 1 }], startedAt + 150)).toMatchObject({ ok: false })
  })

  it('keeps to the rate over a long time, to the event', () => {
    const limiter = new RateLimiter()
    let taken = 0
    for (let ms = 0; ms < 60_000; ms += 5) if (limiter.take([{ site, count: 1 }], startedAt + ms).ok) taken++
    expect(taken).toBeGreaterThanOrEqual(20 + 599)
    expect(taken).toBeLessThanOrEqual(20 + 600)
  })

  it('saves up no more than the burst', () => {
    const limiter = new RateLimiter()
    limiter.take([{ site, count: 1 }], startedAt)
    expect(limiter.take([{ site, count: 20 }], startedAt + 3_600_000)).toEqual(ok)
    expect(limiter.take([{ site, count: 1 }], startedAt + 3_600_000)).toMatchObject({ ok: false })
  })

  it('takes all or none', () => {
    const limiter = new RateLimiter()
    limiter.take([{ site, count: 15 }], startedAt)
    expect(limiter.take([{ site, count: 6 }], startedAt)).toEqual({ ok: false, retryAfterS: 1 })
    expect(limiter.take([{ site, count: 5 }], startedAt)).toEqual(ok)
  })

  it('passes more than the burst when the bucket is full, and then waits the longer', () => {
    const limiter = new RateLimiter()
    expect(limiter.take([{ site, count: 70 }], startedAt)).toEqual(ok)
    expect(limiter.take([{ site, count: 1 }], startedAt)).toEqual({ ok: false, retryAfterS: 6 })
    expect(limiter.take([{ site, count: 1 }], startedAt + 5_000)).toMatchObject({ ok: false })
    expect(limiter.take([{ site, count: 1 }], startedAt + 5_100)).toEqual(ok)
  })

  it('says how long to wait, and after that wait it passes', () => {
    const limiter = new RateLimiter()
    limiter.take([{ site, count: 20 }], startedAt)
    const refused = limiter.take([{ site, count: 15 }], startedAt)
    expect(refused).toEqual({ ok: false, retryAfterS: 2 })
    expect(limiter.take([{ site, count: 15 }], startedAt + 2_000)).toEqual(ok)
  })

  it('fills nothing when the clock steps back, and goes on from there', () => {
    const limiter = new RateLimiter()
    limiter.take([{ site, count: 20 }], startedAt)
    expect(limiter.take([{ site, count: 1 }], startedAt - 10_000)).toMatchObject({ ok: false })
    expect(limiter.take([{ site, count: 1 }], startedAt - 9_900)).toEqual(ok)
  })

  it('follows a limit that the file changed', () => {
    const limiter = new RateLimiter()
    limiter.take([{ site, count: 1 }], startedAt)
    const tightened = aSite({ rateLimit: { eventsPerSecond: 1, burst: 2 } })
    expect(limiter.take([{ site: tightened, count: 2 }], startedAt)).toEqual(ok)
    expect(limiter.take([{ site: tightened, count: 1 }], startedAt)).toMatchObject({ ok: false })
  })

  it('limits each site by itself', () => {
    const limiter = new RateLimiter()
    limiter.take([{ site, count: 20 }], startedAt)
    const other = aSite({ domain: 'b.example', rateLimit: { eventsPerSecond: 10, burst: 20 } })
    expect(limiter.take([{ site: other, count: 20 }], startedAt)).toEqual(ok)
  })

  it('takes of every site of a request or of none, and waits for the slowest', () => {
    const limiter = new RateLimiter()
    const slow = aSite({ domain: 'slow.example', rateLimit: { eventsPerSecond: 0.2, burst: 1 } })
    const both = [
      { site, count: 20 },
      { site: slow, count: 1 },
    ]
    limiter.take([{ site: slow, count: 1 }], startedAt)
    for (let again = 0; again < 5; again++) {
      expect(limiter.take(both, startedAt)).toEqual({ ok: false, retryAfterS: 5 })
    }
    expect(limiter.take([{ site, count: 20 }], startedAt)).toEqual(ok)
    expect(limiter.take(both, startedAt + 5_000)).toEqual(ok)
  })

  it('limits no site without a limit, and remembers nothing of it', () => {
    const limiter = new RateLimiter()
    expect(limiter.take([{ site: siteWithoutRules('a'), count: 1_000_000 }], startedAt)).toEqual(ok)
    expect(limiter.bucketCount).toBe(0)
  })

  it('keeps a bounded number of buckets, the least recently used go first', () => {
    const limiter = new RateLimiter({ bucketsMax: 3 })
    const sites = ['a', 'b', 'c', 'd'].map((domain) =>
      aSite({ domain, rateLimit: { eventsPerSecond: 1, burst: 1 } }),
    )
    const [a, b, c, d] = sites
    for (const each of [a!, b!, c!, a!, d!]) limiter.take([{ site: each, count: 1 }], startedAt)
    expect(limiter.bucketCount).toBe(3)
    expect(limiter.take([{ site: a!, count: 1 }], startedAt)).toMatchObject({ ok: false })
    expect(limiter.take([{ site: b!, count: 1 }], startedAt)).toEqual(ok)
  })

  it('has a burst of two seconds where the file gives none', () => {
    expect(aSite({ rateLimit: { eventsPerSecond: 2.5 } }).rateLimit).toEqual({
      eventsPerSecond: 2.5,
      burst: 5,
    })
    expect(aSite({ rateLimit: { eventsPerSecond: 0.1 } }).rateLimit?.burst).toBe(1)
  })
})
