import { statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AppendRecord, Log } from '../log.ts'
import { aTemporaryEmbeddedLog, type TemporaryLog } from './temporary-log.ts'

const hourMs = 3_600_000
const waitMsMax = 10_000

describe('retention in the embedded log', () => {
  let clock = Date.now()
  let temporary: TemporaryLog
  let log: Log
  const sweepErrors: unknown[] = []

  beforeEach(async () => {
    temporary = await aTemporaryEmbeddedLog({
      now: () => clock,
      retentionSweepMs: 20,
      onSweepError: (error) => sweepErrors.push(error),
    })
    log = temporary.log
    await log.createTopics([
      { topic: 'short', partitions: 2, retentionMs: hourMs },
      { topic: 'long', partitions: 1, retentionMs: 48 * hourMs },
    ])
  })

  afterEach(async () => {
    await temporary.remove()
    expect(sweepErrors).toEqual([])
  })

  const some = (topic: string, count: number, bytes = 10): AppendRecord[] =>
    Array.from({ length: count }, () => ({ topic, partition: 0, key: null, value: Buffer.alloc(bytes, 'v') }))

  async function append(records: readonly AppendRecord[]): Promise<void> {
    const appender = await log.appender()
    await appender.append(records)
  }

  const lows = async (topic: string) => (await log.watermarks(topic)).map(({ low }) => low)
  const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: waitMsMax, interval: 10 })

  it("removes what is older than its topic's time, and nothing else", async () => {
    await append([...some('short', 5), ...some('long', 5)])
    clock += hourMs - 1_000
    await append(some('short', 3))
    clock += 2_000
    await eventually(async () => expect(await lows('short')).toEqual([5, 0]))
    expect(await lows('long')).toEqual([0])
    const offsets: number[] = []
    const following = await log.follow({
      topic: 'short',
      partition: 0,
      onRecord: ({ offset }) => offsets.push(offset),
      onError: (error) => sweepErrors.push(error),
    })
    await following.stop()
    expect(offsets).toEqual([5, 6, 7])
  })

  it('goes on counting offsets when all is removed', async () => {
    await append(some('short', 4))
    clock += hourMs + 1
    await eventually(async () =>
      expect((await log.watermarks('short'))[0]).toEqual({ partition: 0, low: 4, high: 4 }),
    )
    const appender = await log.appender()
    expect(await appender.append(some('short', 1))).toEqual([{ partition: 0, offset: 4 }])
  })

  it('removes many records in small steps while appends go on', async () => {
    for (let round = 0; round < 300; round++) await append(some('short', 5))
    clock += hourMs + 1
    await append(some('short', 5))
    await eventually(async () => expect((await lows('short'))[0]).toBe(1_500))
  })

  it('tells a consumer whose position is no longer retained, and never resets it', async () => {
    await append(some('short', 4))
    const outcome = await new Promise<unknown>((resolve) => {
      const consumer = log.consumer({ groupId: 'g', topic: 'short' })
      void consumer.run(async (assignment) => {
        if (assignment.partition === 0) {
          await assignment.commit({ offset: 2, metadata: '' })
          clock += hourMs + 1
          await eventually(async () => expect((await lows('short'))[0]).toBe(4))
          assignment.seek(2)
          resolve(await assignment.fetch({ recordsMax: 10, waitMsMax: 100 }).catch((error: unknown) => error))
        }
        await new Promise((ended) => assignment.signal.addEventListener('abort', ended))
      })
    })
    expect(outcome).toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' })
    expect((await log.committed('g', 'short')).get(0)?.offset).toBe(2)
  })

  it('uses the space of what it removed again', async () => {
    const file = join(temporary.directory, 'data.mdb')
    const sizes: number[] = []
    for (let round = 1; round <= 12; round++) {
      for (let call = 0; call < 10; call++) await append(some('short', 500, 400))
      clock += hourMs / 2
      sizes.push(statSync(file).size)
      const retained = Math.max(0, round - 2) * 5_000
      await eventually(async () => expect((await lows('short'))[0]).toBeGreaterThanOrEqual(retained))
    }
    expect(sizes.at(-1)).toBeLessThan(sizes[0]! * 6) // 24 MB went through; about 3 rounds of 2 MB are retained
  })
})
