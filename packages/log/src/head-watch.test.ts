import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HeadWatch } from './head-watch.ts'

describe('HeadWatch', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  it('tells the newest head of each partition, and the last known one while the log is gone', async () => {
    let high = 7
    const log = {
      watermarks: () =>
        high < 0 ? Promise.reject(new Error('gone')) : Promise.resolve([{ partition: 1, low: 0, high }]),
    }
    const watch = new HeadWatch({ log, topics: ['t'], pollMs: 10 })
    expect(watch.head('t', 1)).toBe(0)
    await vi.advanceTimersByTimeAsync(10)
    expect(watch.head('t', 1)).toBe(7)
    high = 9
    await vi.advanceTimersByTimeAsync(10)
    expect(watch.head('t', 1)).toBe(9)
    high = -1
    await vi.advanceTimersByTimeAsync(10)
    expect(watch.head('t', 1)).toBe(9)
    await watch.close()
  })
})
