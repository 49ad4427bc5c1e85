import type { Books } from '@millrace/clickhouse'
import { Metrics } from '@millrace/runtime'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { missingTwice, watchBooks } from './books-watch.ts'
import { silentEvents } from './testing.ts'

const limits = { booksSoonMs: 10_000, booksEveryMs: 60_000 }

/** Books with these lines missing, by site. */
function booksWith(missing: Readonly<Record<string, number>>, changes: Partial<Books> = {}): Books {
  const losses = Object.entries(missing).map(([site, count]) => ({ site, minute: 60, missing: count }))
  const sum = losses.reduce((total, loss) => total + loss.missing, 0)
  return { sites: 1, lines: 1, accepted: 9, inFlight: 0, missing: sum, surplus: 0, losses, ...changes }
}

describe('what is missing twice', () => {
  it.each<[string, Books | undefined, Books, number]>([
    ['is nothing at the first look', undefined, booksWith({ a: 3 }), 0],
    ['is what was missing before and still is', booksWith({ a: 3, b: 1 }), booksWith({ a: 2, c: 5 }), 2],
    [
      'is nothing of another minute',
      booksWith({}, { losses: [{ site: 'a', minute: 0, missing: 3 }], missing: 3 }),
      booksWith({ a: 3 }),
      0,
    ],
    [
      'is the smaller sum where the lines are too many to list',
      booksWith({ a: 1 }, { missing: 9_000 }),
      booksWith({ b: 1 }, { missing: 8_000 }),
      8_000,
    ],
  ])('%s', (_case, before, now, expected) => {
    expect(missingTwice(before, now)).toBe(expected)
  })
})

describe('the watch over the books', () => {
  let looks: (Books | Error)[]
  let metrics: Metrics
  let controller: AbortController
  let asked: number[]

  beforeEach(() => {
    vi.useFakeTimers({ now: 0 })
    looks = []
    asked = []
    metrics = new Metrics()
    controller = new AbortController()
  })
  afterEach(() => {
    controller.abort()
    vi.useRealTimers()
  })

  const watch = (readBooks: () => Promise<Books> = nextLook) =>
    watchBooks(controller.signal, { readBooks, internalEvents: silentEvents(metrics), limits })
  const nextLook = (): Promise<Books> => {
    asked.push(Date.now() / 1000)
    const look = looks.shift() ?? booksWith({})
    return look instanceof Error ? Promise.reject(look) : Promise.resolve(look)
  }
  const gauges = async () => {
    const text = await metrics.registry.metrics()
    return text.split('\n').filter((line) => line.startsWith('millrace_books_'))
  }

  it('tells nothing before its first look and after its end', async () => {
    const ended = watch()
    expect(await gauges()).toEqual([])
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await gauges()).toEqual(['millrace_books_missing_events 0', 'millrace_books_in_flight_events 0'])
    controller.abort()
    await ended
    expect(await gauges()).toEqual([])
  })

  it('looks every minute, and soon again where something seems to be missing', async () => {
    looks = [
      booksWith({}, { inFlight: 4 }),
      booksWith({ a: 1, b: 1 }),
      booksWith({ a: 1 }),
      booksWith({ a: 1 }),
    ]
    void watch()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await gauges()).toEqual(['millrace_books_missing_events 0', 'millrace_books_in_flight_events 4'])
    await vi.advanceTimersByTimeAsync(60_000)
    expect((await gauges())[0]).toBe('millrace_books_missing_events 0')
    await vi.advanceTimersByTimeAsync(10_000)
    expect((await gauges())[0]).toBe('millrace_books_missing_events 1')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked).toEqual([10, 70, 80, 140])
  })

  it('leaves a look out that fails, and keeps what it knew', async () => {
    looks = [booksWith({ a: 2 }), booksWith({ a: 2 }), new Error('too slow'), booksWith({})]
    void watch()
    await vi.advanceTimersByTimeAsync(20_000 + 60_000)
    expect((await gauges())[0]).toBe('millrace_books_missing_events 2')
    await vi.advanceTimersByTimeAsync(60_000)
    expect((await gauges())[0]).toBe('millrace_books_missing_events 0')
  })

  it('ends at once though a look is under way', async () => {
    const ended = watch(() => new Promise(() => undefined))
    await vi.advanceTimersByTimeAsync(15_000)
    controller.abort()
    await expect(ended).resolves.toBeUndefined()
  })
})
