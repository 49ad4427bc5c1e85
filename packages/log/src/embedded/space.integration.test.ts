import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Log } from '../log.ts'
import { aTemporaryEmbeddedLog } from './temporary-log.ts'

const waitMsMax = 10_000
const testMsMax = 60_000
const hourMs = 3_600_000
const full = { name: 'LogError', code: 'LOG_FULL', retriable: true }
const batch = { records: 20, bytes: 1_000 }

/** Appends until the log refuses; how many batches it took. */
async function fill(log: Log, batchesMax: number): Promise<{ batches: number; error: unknown }> {
  const appender = await log.appender()
  for (let batches = 0; batches < batchesMax; batches++) {
    try {
      await appender.append(aBatch())
    } catch (error) {
      return { batches, error }
    }
  }
  return { batches: batchesMax, error: undefined }
}

function aBatch() {
  return Array.from({ length: batch.records }, (_, index) => ({
    topic: 't',
    partition: index % 2,
    key: null,
    value: Buffer.alloc(batch.bytes, index),
  }))
}

async function expectWhole(log: Log, batches: number): Promise<void> {
  for (const partition of [0, 1]) {
    const values: Buffer[] = []
    const following = await log.follow({
      topic: 't',
      partition,
      onRecord: ({ value }) => values.push(Buffer.from(value)),
      onError: () => undefined,
    })
    await following.stop()
    expect(values).toHaveLength((batches * batch.records) / 2)
    const expected = aBatch().filter((record) => record.partition === partition)
    const differing = values.filter((value, index) => !value.equals(expected[index % expected.length]!.value))
    expect(differing).toEqual([])
  }
}

const topics = [{ topic: 't', partitions: 2, retentionMs: hourMs }]

describe('an embedded log at its bytesMax', () => {
  it('refuses appends, keeps what it has, and goes on once retention made room', async () => {
    let clock = Date.now()
    const { log, remove } = await aTemporaryEmbeddedLog({
      bytesMax: 1_000_000,
      retentionSweepMs: 20,
      now: () => clock,
    })
    await log.createTopics(topics)
    const { batches, error } = await fill(log, 100)
    expect(error).toMatchObject(full)
    expect(batches).toBeGreaterThan(30)
    expect(batches).toBeLessThanOrEqual(50)
    await expectWhole(log, batches)
    clock += hourMs + 1
    await vi.waitFor(async () => expect((await fill(log, 1)).batches).toBe(1), { timeout: waitMsMax })
    await remove()
  })
})

const mounted = mountSmallDisk('4m')

describe.skipIf(mounted === undefined)(
  `an embedded log on a full disk${mounted === undefined ? ' (needs root, to mount a tmpfs)' : ''}`,
  () => {
    const disk = mounted ?? ''
    const filler = join(disk, 'filler')
    let clock = Date.now()

    beforeAll(() => {
      vi.spyOn(console, 'error').mockReturnValue(undefined) // lmdb-js writes the failed commit there
      clock = Date.now()
    })
    afterAll(() => {
      vi.restoreAllMocks()
      execFileSync('umount', [disk])
      rmSync(disk, { recursive: true })
    })

    it.each([
      { name: 'before it is quite full', diskFreeBytesMin: 1_000_000 },
      { name: 'when the file cannot grow', diskFreeBytesMin: 0 },
    ])(
      'refuses appends $name, half-writes nothing, still commits and goes on with new space',
      async (given) => {
        writeFileSync(filler, Buffer.alloc(1_500_000))
        const directory = join(disk, `log-${given.diskFreeBytesMin}`)
        const options = { directory, retentionSweepMs: 20, now: () => clock }
        const { log, remove } = await aTemporaryEmbeddedLog({ ...options, ...given })
        await log.createTopics(topics)
        const { batches, error } = await fill(log, 1_000)
        expect(error).toMatchObject(full)
        expect(batches).toBeGreaterThan(10)
        expect((await fill(log, 1)).error).toMatchObject(full)
        await expectWhole(log, batches)
        await commitOnce(log)
        expect((await log.committed('g', 't')).get(0)).toEqual({ offset: 1, metadata: 'while full' })

        rmSync(filler)
        await vi.waitFor(async () => expect((await fill(log, 1)).batches).toBe(1), { timeout: waitMsMax })
        await expectWhole(log, batches + 1)

        const more = await fill(log, 1_000)
        expect(more.error).toMatchObject(full)
        clock += hourMs + 1
        const half = Math.floor(batches / 2)
        await vi.waitFor(async () => expect((await fill(log, half)).batches).toBe(half), {
          timeout: waitMsMax,
        })
        await remove()
      },
      testMsMax,
    )
  },
)

async function commitOnce(log: Log): Promise<void> {
  const consumer = log.consumer({ groupId: 'g', topic: 't' })
  await new Promise<void>((resolve, reject) => {
    consumer
      .run(async (assignment) => {
        if (assignment.partition === 0) {
          await assignment.commit({ offset: 1, metadata: 'while full' })
          resolve()
        }
        await new Promise((ended) => assignment.signal.addEventListener('abort', ended))
      })
      .catch(reject)
  })
  await consumer.drain()
}

function mountSmallDisk(size: string): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', directory], { stdio: 'ignore' })
    return directory
  } catch {
    rmSync(directory, { recursive: true })
    return undefined
  }
}
