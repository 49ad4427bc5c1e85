import { LogError, type AppendRecord, type LogAppender, type Position } from '@millrace/log'
import { delay } from '@millrace/runtime'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SpillingAppender, type SpillStore } from './appender.ts'

const spillAfterMs = 1_000
const writeMs = 2
const trouble = new LogError('no leader', { code: 'LOG_UNAVAILABLE', retriable: true })

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => vi.useRealTimers())

/** A log that does with each append what the test says, and writes at its end. */
class ToldLog implements LogAppender {
  readonly taken: string[] = []
  readonly asked: number[] = []
  answer: () => Promise<void> = () => Promise.resolve()

  async append(records: readonly AppendRecord[]): Promise<readonly Position[]> {
    this.asked.push(records.length)
    await this.answer()
    return records.map(({ partition, value }) => ({ partition, offset: this.taken.push(String(value)) - 1 }))
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

class MemoryStore implements SpillStore {
  readonly records: AppendRecord[] = []
  trouble: LogError | undefined
  rests = 0

  get length(): number {
    return this.records.length
  }

  async append(records: readonly AppendRecord[]): Promise<void> {
    await delay(writeMs)
    if (this.trouble !== undefined) throw this.trouble
    this.records.push(...records)
  }

  peek(max: { readonly records: number }): readonly AppendRecord[] {
    return this.records.slice(0, max.records)
  }

  drop(count: number): Promise<void> {
    this.records.splice(0, count)
    return Promise.resolve()
  }

  rest(): Promise<void> {
    this.rests++
    return Promise.resolve()
  }
}

const texts = (from: number, count: number) => Array.from({ length: count }, (_, index) => `e${from + index}`)
const records = (from: number, count = 1): AppendRecord[] =>
  texts(from, count).map((text) => ({ topic: 't', partition: 0, key: null, value: Buffer.from(text) }))

function aSpillingAppender({ left = 0, attached = true, waitedMs = 0 } = {}) {
  const log = new ToldLog()
  const store = new MemoryStore()
  store.records.push(...records(0, left))
  const told: string[] = []
  const appender = new SpillingAppender({
    store,
    waitedMs: () => waitedMs,
    events: {
      spillBegan: (why) => told.push(`began: ${why instanceof Error ? why.message : String(why)}`),
      spilled: (count) => told.push(`spilled ${count}`),
      drained: (drained, positions) => told.push(`drained ${drained.length}: ${positions.length} places`),
      spillEnded: () => told.push('ended'),
      drainFailed: (error) => told.push(`failed: ${String(error)}`),
    },
    limits: {
      spillAfterMs,
      retryDelayMs: 100,
      drainRecordsMax: 10,
      drainBytesMax: 1_000_000,
      drainDelayMs: 250,
    },
  })
  if (attached) appender.attach(log)
  return { log, store, told, appender }
}

/** How long it took, on the clock of the test. */
async function timed<T>(work: Promise<T>): Promise<{ value: T; ms: number }> {
  const startedAt = performance.now()
  const ended = work.then((value) => ({ value, ms: performance.now() - startedAt }))
  await vi.advanceTimersByTimeAsync(20_000)
  return ended
}

describe('SpillingAppender', () => {
  it('hands what it is given to the log, and the places back, without a look at the disk', async () => {
    const { appender, log, store, told } = aSpillingAppender()
    expect(await appender.append(records(0, 2))).toEqual([
      { partition: 0, offset: 0 },
      { partition: 0, offset: 1 },
    ])
    expect([log.taken, store.rests, told]).toEqual([['e0', 'e1'], 0, []])
  })

  it('answers without places once the disk has what the log refused for as long as allowed', async () => {
    const { appender, log, store, told } = aSpillingAppender()
    log.answer = () => Promise.reject(trouble)
    const appending = appender.append(records(0, 3))
    await vi.advanceTimersByTimeAsync(spillAfterMs + writeMs)
    expect(await appending).toEqual([])
    expect(log.asked.length).toBeGreaterThan(5)
    expect(store.records).toEqual(records(0, 3))
    expect(told.slice(0, 2)).toEqual(['began: no leader', 'spilled 3'])
  })

  it('does not wait for a log that hangs any longer, nor for the next records at all', async () => {
    const { appender, log, told } = aSpillingAppender()
    log.answer = () => delay(60_000)
    expect((await timed(appender.append(records(0)))).ms).toBe(spillAfterMs + writeMs)
    expect((await timed(appender.append(records(1)))).ms).toBe(writeMs)
    expect(told[0]).toBe('began: the log does not answer')
  })

  it.each([
    [300, 700],
    [990, 250],
    [4_000, 250],
  ])('gives a log for what has waited for %i ms only %i ms more', async (waitedMs, leftMs) => {
    const { appender, log } = aSpillingAppender({ waitedMs })
    log.answer = () => delay(60_000)
    expect((await timed(appender.append(records(0)))).ms).toBe(leftMs + writeMs)
  })

  it('sends what it gave up again before anything newer, and only when the log has let go of it', async () => {
    const { appender, log, told } = aSpillingAppender()
    log.answer = () => delay(5_000)
    await Promise.all([appender.append(records(0)), vi.advanceTimersByTimeAsync(spillAfterMs + writeMs)])
    log.answer = () => Promise.resolve()
    await Promise.all([appender.append(records(1)), vi.advanceTimersByTimeAsync(1_000)])
    expect([log.asked, log.taken, appender.stage]).toEqual([[1], [], 'spilling'])
    await vi.advanceTimersByTimeAsync(5_000)
    expect([log.taken, appender.stage]).toEqual([['e0', 'e0', 'e1'], 'direct'])
    expect(told.slice(-2)).toEqual(['drained 2: 2 places', 'ended'])
  })

  it('brings what an earlier run left to the log before anything new, and tells that nothing waits', async () => {
    const { appender, log, store, told } = aSpillingAppender({ left: 25 })
    log.answer = () => delay(5)
    const appending = appender.append(records(25))
    await vi.advanceTimersByTimeAsync(100)
    await appending
    expect(log.taken).toEqual(texts(0, 26))
    expect([log.asked.slice(0, 2), store.rests, appender.stage]).toEqual([[10, 10], 1, 'direct'])
    expect(told[0]).toBe('began: events of an earlier run wait on the disk')
  })

  it('takes records before the log is there at all', async () => {
    const { appender, log, store } = aSpillingAppender({ attached: false })
    expect((await timed(appender.append(records(0)))).ms).toBe(writeMs)
    expect(store.records).toEqual(records(0))
    appender.attach(log)
    await vi.advanceTimersByTimeAsync(100)
    expect([log.taken, appender.stage]).toEqual([['e0'], 'direct'])
  })

  it('gets back to the log though new records never stop coming', async () => {
    const { appender, log, store } = aSpillingAppender({ left: 100 })
    log.answer = () => delay(5)
    let sent = 100
    const feeding = (async () => {
      while (sent < 400) await appender.append(records(sent++))
    })()
    await vi.advanceTimersByTimeAsync(1_000)
    expect([appender.stage, store.length]).toEqual(['direct', 0])
    expect(sent).toBeLessThan(400)
    await vi.advanceTimersByTimeAsync(5_000)
    await feeding
    expect(log.taken).toEqual(texts(0, 400))
  })

  it('lets nobody wait for the end of a drain for longer than it would wait for the log', async () => {
    const { appender, log } = aSpillingAppender({ left: 11 })
    const slowly = [5, 10_000]
    log.answer = () => delay(slowly.shift() ?? 5)
    await vi.advanceTimersByTimeAsync(6)
    expect(appender.stage).toBe('closing')
    expect((await timed(appender.append(records(11)))).ms).toBe(spillAfterMs + writeMs)
    expect([log.taken, appender.stage]).toEqual([texts(0, 12), 'direct'])
  })

  it('halves what the log finds too large', async () => {
    const { log } = aSpillingAppender({ left: 8 })
    log.answer = () =>
      log.asked.at(-1)! > 2
        ? Promise.reject(new LogError('too large', { code: 'RECORD_TOO_LARGE', retriable: false }))
        : Promise.resolve()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(log.taken).toEqual(texts(0, 8))
    expect(log.asked.slice(0, 3)).toEqual([8, 4, 2])
  })

  it('refuses what the log finds too large, or a failure that is none of the log’s, and stays with the log', async () => {
    const { appender, log, store } = aSpillingAppender()
    for (const error of [
      new LogError('too large', { code: 'RECORD_TOO_LARGE', retriable: false }),
      new Error('x'),
    ]) {
      log.answer = () => Promise.reject(error)
      await expect(appender.append(records(0))).rejects.toBe(error)
    }
    expect([appender.stage, store.length]).toEqual(['direct', 0])
  })

  it('says so when the disk does not take the records either, and tries the log again', async () => {
    const { appender, log, store } = aSpillingAppender()
    store.trouble = new LogError('full', { code: 'LOG_FULL', retriable: true })
    log.answer = () => Promise.reject(trouble)
    const refused = expect(appender.append(records(0))).rejects.toMatchObject({ code: 'LOG_FULL' })
    await vi.advanceTimersByTimeAsync(spillAfterMs + 100)
    await refused
    expect(appender.stage).toBe('direct')
    log.answer = () => Promise.resolve()
    expect(await appender.append(records(0))).toHaveLength(1)
  })

  it('goes on draining for a while when it is stopped, and leaves the rest', async () => {
    const { appender, log, store } = aSpillingAppender({ left: 100 })
    log.answer = () => delay(100)
    await timed(appender.stop(450))
    await appender.close()
    expect(log.taken.length).toBeGreaterThanOrEqual(40)
    expect(log.taken.length + store.length).toBe(100)
    expect(store.length).toBeGreaterThan(0)
  })

  it('stops at once when nothing waits', async () => {
    const { appender } = aSpillingAppender()
    expect((await timed(appender.stop(1_000))).ms).toBe(0)
  })

  it('sends what ended producers left before what comes after it was found', async () => {
    const { appender, log, store } = aSpillingAppender()
    await appender.append(records(0))
    store.records.push(...records(1, 2))
    appender.foundOlder()
    await timed(appender.append(records(3)))
    expect([log.taken, appender.stage]).toEqual([texts(0, 4), 'direct'])
  })
})
