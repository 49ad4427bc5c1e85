import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Batcher, type BatcherOptions } from './batcher.ts'
import { LogError } from './log-error.ts'
import type { AppendRecord, LogAppender, Position } from './log.ts'

const records = (text: string, count = 1, bytes = 1): AppendRecord[] =>
  Array.from({ length: count }, (_, index) => ({
    topic: 't',
    partition: 0,
    key: null,
    value: Buffer.from(`${text}${index}`.padEnd(bytes, '.')),
  }))

const textOf = ({ value }: AppendRecord): string => value.toString()

/** Keeps each call open until the test answers it. */
class FakeAppender implements LogAppender {
  readonly calls: {
    records: readonly AppendRecord[]
    succeed: () => void
    fail: (error: Error) => void
  }[] = []
  readonly written: string[] = []
  #outstanding = 0

  append(given: readonly AppendRecord[]): Promise<readonly Position[]> {
    expect(this.#outstanding).toBe(0)
    this.#outstanding++
    return new Promise((resolve, reject) => {
      const settle = (): number => this.#outstanding--
      this.calls.push({
        records: given,
        succeed: () => {
          settle()
          const from = this.written.length
          this.written.push(...given.map(textOf))
          resolve(given.map((_, index) => ({ partition: 0, offset: from + index })))
        },
        fail: (error) => {
          settle()
          reject(error)
        },
      })
    })
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  textsOf(call: number): string[] {
    return this.calls[call]!.records.map(textOf)
  }
}

function aBatcher(options: Partial<BatcherOptions> = {}) {
  const appender = new FakeAppender()
  const batcher = new Batcher({
    appender,
    batchRecordsMax: 100,
    batchBytesMax: 10_000,
    backlogRecordsMax: 1_000,
    backlogBytesMax: 100_000,
    deadlineMs: 1_000,
    ...options,
  })
  return { appender, batcher }
}

const unavailable = new LogError('the broker is gone', { code: 'LOG_UNAVAILABLE', retriable: true })
const tooLarge = new LogError('above the limit', { code: 'RECORD_TOO_LARGE', retriable: false })
const aTurn = () => vi.advanceTimersByTimeAsync(0)

describe('Batcher', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  it('merges the calls of one turn and answers each with its own places', async () => {
    const { appender, batcher } = aBatcher()
    const answers = [batcher.append(records('a', 2)), batcher.append(records('b', 1))]
    await aTurn()
    expect(appender.textsOf(0)).toEqual(['a0', 'a1', 'b0'])
    appender.calls[0]!.succeed()
    expect(await Promise.all(answers)).toEqual([
      [
        { partition: 0, offset: 0 },
        { partition: 0, offset: 1 },
      ],
      [{ partition: 0, offset: 2 }],
    ])
  })

  it('knows how long the oldest call has waited that is not answered', async () => {
    const { appender, batcher } = aBatcher()
    expect(batcher.waitedMs).toBe(0)
    const answers = [batcher.append(records('a'))]
    await vi.advanceTimersByTimeAsync(100)
    answers.push(batcher.append(records('b')))
    await vi.advanceTimersByTimeAsync(50)
    expect(batcher.waitedMs).toBe(150)
    appender.calls[0]!.succeed()
    await aTurn()
    expect(batcher.waitedMs).toBe(50)
    appender.calls[1]!.succeed()
    await Promise.all(answers)
    expect(batcher.waitedMs).toBe(0)
  })

  it('keeps one append outstanding and puts what came meanwhile into the next', async () => {
    const { appender, batcher } = aBatcher()
    const answers = [batcher.append(records('a'))]
    await aTurn()
    answers.push(batcher.append(records('b')), batcher.append(records('c')))
    await aTurn()
    expect(appender.calls).toHaveLength(1)
    appender.calls[0]!.succeed()
    await aTurn()
    expect(appender.textsOf(1)).toEqual(['b0', 'c0'])
    appender.calls[1]!.succeed()
    await Promise.all(answers)
    expect(appender.written).toEqual(['a0', 'b0', 'c0'])
  })

  it('begins batches at least so far apart, but the first after a pause at once', async () => {
    const { appender, batcher } = aBatcher({ batchIntervalMs: 5 })
    const answers = [batcher.append(records('a'))]
    await aTurn()
    answers.push(batcher.append(records('b')))
    await vi.advanceTimersByTimeAsync(2)
    appender.calls[0]!.succeed()
    await vi.advanceTimersByTimeAsync(2)
    answers.push(batcher.append(records('c')))
    expect(appender.calls).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(appender.textsOf(1)).toEqual(['b0', 'c0'])
    appender.calls[1]!.succeed()
    await vi.advanceTimersByTimeAsync(10)
    answers.push(batcher.append(records('d')))
    await aTurn()
    expect(appender.textsOf(2)).toEqual(['d0'])
    appender.calls[2]!.succeed()
    await Promise.all(answers)
  })

  it.each([
    ['records', { batchRecordsMax: 3 }, [2, 1, 1], [['a0', 'a1', 'b0'], ['c0']]],
    ['bytes', { batchBytesMax: 30 }, [1, 2, 1], [['a0', 'b0', 'b1'], ['c0']]],
    [
      'one call above both',
      { batchRecordsMax: 1, batchBytesMax: 5 },
      [3, 1, 1],
      [['a0', 'a1', 'a2'], ['b0'], ['c0']],
    ],
  ])('bounds a batch: %s', async (_, bounds, counts, batches) => {
    const { appender, batcher } = aBatcher(bounds)
    const answers = counts.map((count, index) => batcher.append(records('abc'.charAt(index), count, 10)))
    for (const [index, texts] of batches.entries()) {
      await aTurn()
      expect(appender.textsOf(index).map((text) => text.slice(0, 2))).toEqual(texts)
      appender.calls[index]!.succeed()
    }
    await Promise.all(answers)
    expect(appender.calls).toHaveLength(batches.length)
  })

  it('refuses what the backlog cannot take, and says how full it is', async () => {
    const { appender, batcher } = aBatcher({ backlogRecordsMax: 4, backlogBytesMax: 100 })
    expect(batcher.fill).toBe(0)
    const answers = [batcher.append(records('a', 2, 10))]
    expect(batcher.fill).toBe(0.5)
    await expect(batcher.append(records('b', 3))).rejects.toMatchObject({
      code: 'BACKLOG_FULL',
      retriable: true,
    })
    await expect(batcher.append(records('b', 1, 81))).rejects.toMatchObject({ code: 'BACKLOG_FULL' })
    answers.push(batcher.append(records('b', 1, 80)))
    expect(batcher.fill).toBe(1)
    await aTurn()
    appender.calls[0]!.succeed()
    await Promise.all(answers)
    expect(batcher.fill).toBe(0)
  })

  it('repeats a failed batch unchanged before anything newer', async () => {
    const retries: unknown[] = []
    const { appender, batcher } = aBatcher({ onRetry: (error) => retries.push(error) })
    const answers = [batcher.append(records('a')), batcher.append(records('b'))]
    await aTurn()
    answers.push(batcher.append(records('c')))
    appender.calls[0]!.fail(unavailable)
    await vi.advanceTimersByTimeAsync(100)
    expect(appender.textsOf(1)).toEqual(['a0', 'b0'])
    appender.calls[1]!.fail(unavailable)
    await vi.advanceTimersByTimeAsync(100)
    appender.calls[2]!.succeed()
    await aTurn()
    appender.calls[3]!.succeed()
    await Promise.all(answers)
    expect(appender.written).toEqual(['a0', 'b0', 'c0'])
    expect(retries).toEqual([unavailable, unavailable])
  })

  it('rejects callers past their deadline, and repeats without their records', async () => {
    const { appender, batcher } = aBatcher()
    const first = batcher.append(records('a'))
    const rejected = expect(first).rejects.toMatchObject({
      code: 'APPEND_DEADLINE_PASSED',
      message: 'the log did not answer in time: the broker is gone',
    })
    await vi.advanceTimersByTimeAsync(500)
    appender.calls[0]!.fail(unavailable)
    const second = batcher.append(records('b'))
    for (let call = 1; call < 5; call++) {
      await vi.advanceTimersByTimeAsync(100)
      appender.calls[call]!.fail(unavailable)
    }
    await vi.advanceTimersByTimeAsync(100)
    await rejected
    expect(appender.textsOf(5)).toEqual(['b0'])
    appender.calls[5]!.succeed()
    await second
    expect(appender.written).toEqual(['b0'])
  })

  it('rejects callers past their deadline while an append hangs, in the batch and in the queue', async () => {
    const { appender, batcher } = aBatcher()
    const failures: string[] = []
    const note = (name: string) => (error: unknown) => failures.push(`${name} ${(error as LogError).code}`)
    void batcher.append(records('a')).catch(note('a'))
    await vi.advanceTimersByTimeAsync(400)
    void batcher.append(records('b')).catch(note('b'))
    await vi.advanceTimersByTimeAsync(599)
    expect(failures).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(failures).toEqual(['a APPEND_DEADLINE_PASSED'])
    await vi.advanceTimersByTimeAsync(400)
    expect(failures).toEqual(['a APPEND_DEADLINE_PASSED', 'b APPEND_DEADLINE_PASSED'])
    expect(batcher.fill).toBe(0)
    const third = batcher.append(records('c'))
    appender.calls[0]!.succeed()
    await aTurn()
    expect(appender.textsOf(1)).toEqual(['c0'])
    appender.calls[1]!.succeed()
    expect(await third).toEqual([{ partition: 0, offset: 1 }])
  })

  it('passes on at once an error that no retry mends, and goes on with the next batch', async () => {
    const { appender, batcher } = aBatcher()
    const first = expect(batcher.append(records('a'))).rejects.toThrow('no such topic')
    await aTurn()
    const second = batcher.append(records('b'))
    appender.calls[0]!.fail(new LogError('no such topic', { code: 'UNKNOWN_TOPIC', retriable: false }))
    await first
    await aTurn()
    appender.calls[1]!.succeed()
    await second
  })

  it('fails for a record that is too large only the caller who brought it', async () => {
    const { appender, batcher } = aBatcher()
    const answers = [batcher.append(records('a')), batcher.append(records('b')), batcher.append(records('c'))]
    const refused = expect(answers[1]).rejects.toBe(tooLarge)
    await aTurn()
    appender.calls[0]!.fail(tooLarge)
    await aTurn()
    appender.calls[1]!.succeed()
    await aTurn()
    expect(appender.textsOf(2)).toEqual(['b0'])
    appender.calls[2]!.fail(tooLarge)
    await aTurn()
    appender.calls[3]!.succeed()
    await Promise.all([answers[0], refused, answers[2]])
    expect(appender.written).toEqual(['a0', 'c0'])
  })

  it('drains when all is answered, and needs no timer then', async () => {
    const { appender, batcher } = aBatcher()
    await batcher.drain()
    const answer = batcher.append(records('a'))
    let drained = false
    const draining = batcher.drain().then(() => (drained = true))
    await aTurn()
    expect(drained).toBe(false)
    expect(vi.getTimerCount()).toBe(1)
    appender.calls[0]!.succeed()
    await draining
    await answer
  })

  it('tells of each batch its records, bytes and time', async () => {
    const batches: unknown[] = []
    const { appender, batcher } = aBatcher({ onBatch: (batch) => batches.push(batch) })
    const answer = batcher.append(records('a', 3, 10))
    await aTurn()
    await vi.advanceTimersByTimeAsync(50)
    appender.calls[0]!.succeed()
    await answer
    expect(batches).toEqual([{ records: 3, bytes: 30, ms: 50 }])
  })

  it('carries 100,000 waiting calls in order', async () => {
    const { appender, batcher } = aBatcher({
      backlogRecordsMax: 100_000,
      backlogBytesMax: 1e9,
      batchRecordsMax: 1_000,
      batchBytesMax: 1e9,
    })
    const answers = Array.from({ length: 100_000 }, (_, index) => batcher.append(records(`${index}-`)))
    for (let call = 0; call < 100; call++) {
      await aTurn()
      appender.calls[call]!.succeed()
    }
    const places = await Promise.all(answers)
    expect(places.map(([place]) => place!.offset)).toEqual(
      Array.from({ length: 100_000 }, (_, index) => index),
    )
    expect(appender.written.every((text, index) => text === `${index}-0`)).toBe(true)
  })
})
