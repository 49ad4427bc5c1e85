import { decodeTally, encodeRawEvent, topics, type TallyCount } from '@millrace/events'
import { aRawEvent } from '@millrace/events/testing'
import { LogError, type AppendRecord, type Log } from '@millrace/log'
import { createLogger, Metrics } from '@millrace/runtime'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BookKeeper } from './book-keeper.ts'
import { InternalEvents } from './internal-events.ts'

const noon = Date.UTC(2026, 10, 21, 12)
const limits = { booksEveryMs: 2_000, connectDelayMsMin: 250, bookTotalsMax: 4, booksCloseMsMax: 3_000 }

/** The books topic in memory. */
class BooksLog {
  readonly appended: AppendRecord[] = []
  trouble: LogError | undefined
  /** While set, appends wait for it. */
  gate: Promise<void> | undefined
  hasTopic = true
  isClosed = false

  get log(): Log {
    return {
      partitionCount: () => {
        if (this.hasTopic) return Promise.resolve(1)
        return Promise.reject(new LogError('no topic', { code: 'UNKNOWN_TOPIC', retriable: false }))
      },
      appender: () =>
        Promise.resolve({
          append: async (records: readonly AppendRecord[]) => {
            await this.gate
            if (this.trouble !== undefined) throw this.trouble
            this.appended.push(...records)
            return records.map(({ partition }, offset) => ({ partition, offset }))
          },
          close: () => {
            this.isClosed = true
            return Promise.resolve()
          },
        }),
    } as Partial<Log> as Log
  }

  counts(): TallyCount[] {
    return this.appended.flatMap(({ value }) => decodeTally(value).counts)
  }
}

let log: BooksLog
let metrics: Metrics
let keeper: BookKeeper
let spilled: AppendRecord[]

beforeEach(async () => {
  vi.useFakeTimers({ now: noon })
  await start()
})
afterEach(() => vi.useRealTimers())

/** A keeper of a log of its own, which it has found, or not. */
async function start({ hasTopic = true } = {}): Promise<void> {
  log = new BooksLog()
  log.hasTopic = hasTopic
  const logger = createLogger({ name: 'test', level: 'silent' })
  metrics = new Metrics()
  const internalEvents = new InternalEvents({ logger, metrics, backlogFill: () => 0 })
  spilled = []
  const spill = (records: readonly AppendRecord[]) => {
    spilled.push(...records)
    return Promise.resolve()
  }
  const sources = { log: () => log.log, spill, internalEvents: () => internalEvents }
  keeper = new BookKeeper({ ...sources, now: Date.now, limits })
  await pass(limits.connectDelayMsMin)
}

const accept = (site: string, offset: number) =>
  keeper.counts.add({ site, receivedAt: Date.now() }, { partition: 0, offset })
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const minute = noon / 1000

describe('the book keeper', () => {
  it('hands over every two seconds what was counted', async () => {
    accept('a', 1)
    await pass(1_999)
    expect(log.appended).toEqual([])
    await pass(1)
    accept('a', 2)
    await pass(2_000)
    await pass(2_000)
    expect(log.appended.every(({ topic, partition }) => topic === topics.books && partition === 0)).toBe(true)
    expect(log.counts()).toEqual([
      [0, 'a', minute, 0, 1, 1],
      [0, 'a', minute, 0, 2, 2],
    ])
  })

  it('hands over later what the log did not take', async () => {
    log.trouble = new LogError('gone', { code: 'LOG_UNAVAILABLE', retriable: true })
    accept('a', 1)
    await pass(4_000)
    accept('b', 2)
    log.trouble = undefined
    await pass(2_000)
    expect(log.counts()).toEqual([
      [0, 'a', minute, 0, 1, 1],
      [0, 'b', minute, 0, 1, 2],
    ])
  })

  it('waits for its topic', async () => {
    await start({ hasTopic: false })
    accept('a', 1)
    await pass(4_000)
    log.hasTopic = true
    await pass(5_000)
    expect(log.counts()).toEqual([[0, 'a', minute, 0, 1, 1]])
  })

  it('begins a new page when the minute is over, and when half of the room is taken', async () => {
    accept('a', 1)
    await pass(62_000)
    accept('b', 2)
    accept('c', 3)
    await pass(2_000)
    accept('d', 4)
    await pass(2_000)
    expect(log.counts().map(([page, site]) => [page, site])).toEqual([
      [0, 'a'],
      [1, 'b'],
      [1, 'c'],
      [2, 'd'],
    ])
  })

  it('keeps the page while the log takes nothing, so that memory is bounded, and tells what it did not count', async () => {
    log.trouble = new LogError('gone', { code: 'LOG_UNAVAILABLE', retriable: true })
    for (const [index, site] of ['a', 'b', 'c', 'd', 'e', 'f'].entries()) {
      accept(site, index)
      await pass(60_000)
    }
    expect(keeper.counts.size).toBe(limits.bookTotalsMax)
    expect(await metrics.registry.metrics()).toContain('millrace_events_uncounted_total 2')
  })

  it('hands over the last counts when it is closed, also what came during a hand-over', async () => {
    let open: () => void = () => undefined
    log.gate = new Promise((resolve) => {
      open = resolve
    })
    accept('a', 1)
    await pass(2_000)
    accept('a', 2)
    const closing = keeper.close()
    open()
    await closing
    expect(log.counts()).toEqual([
      [0, 'a', minute, 0, 1, 1],
      [0, 'a', minute, 0, 2, 2],
    ])
    expect(log.isClosed).toBe(true)
  })

  it('leaves the last counts on the disk where the log does not take them', async () => {
    log.trouble = new LogError('gone', { code: 'LOG_UNAVAILABLE', retriable: true })
    accept('a', 1)
    await pass(2_000)
    accept('b', 2)
    await keeper.close()
    expect(spilled.flatMap(({ value }) => decodeTally(value).counts)).toEqual([
      [0, 'a', minute, 0, 1, 1],
      [0, 'b', minute, 0, 1, 2],
    ])
  })

  it('does so after a time where the log does not answer, with what it did not answer to', async () => {
    log.gate = new Promise(() => undefined)
    accept('a', 1)
    await pass(2_000)
    accept('b', 2)
    let isClosed = false
    void keeper.close().then(() => {
      isClosed = true
    })
    await pass(limits.booksCloseMsMax - 1)
    expect(isClosed).toBe(false)
    await pass(1)
    expect(isClosed).toBe(true)
    expect(spilled.flatMap(({ value }) => decodeTally(value).counts).map(([, site]) => site)).toEqual([
      'b',
      'a',
    ])
  })

  it('leaves nothing there whose topic it has never seen: it would hold up the events behind it', async () => {
    await start({ hasTopic: false })
    accept('a', 1)
    await keeper.close()
    expect(spilled).toEqual([])
  })

  it('counts what was spilled once, however often and wherever the log takes it', async () => {
    const record = (producerSequence: number): AppendRecord => {
      const raw = aRawEvent({
        site: 'a',
        receivedAt: noon - 3_600_000,
        producerId: 'before',
        producerSequence,
      })
      return { topic: topics.raw, partition: 5, key: null, value: encodeRawEvent(raw) }
    }
    const bytes = { ...record(3), value: Buffer.from('{') }
    keeper.countDrained(
      [record(1), bytes, record(2)],
      [10, 11, 12].map((offset) => ({ partition: 5, offset })),
    )
    keeper.countDrained([record(2)], [{ partition: 5, offset: 20 }])
    await pass(2_000)
    expect(log.appended.map(({ value }) => decodeTally(value).counterId)).toEqual(['once-before'])
    expect(log.counts()).toEqual([
      [1, 'a', minute - 3_600, 5, 1, 10],
      [2, 'a', minute - 3_600, 5, 1, 12],
      [2, 'a', minute - 3_600, 5, 1, 20],
    ])
  })
})
