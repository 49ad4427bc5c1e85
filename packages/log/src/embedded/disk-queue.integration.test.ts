import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openDiskQueue, type DiskQueue, type DiskQueueOptions } from './disk-queue.ts'

let directory: string
const open: DiskQueue[] = []

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-queue-'))
})
afterEach(async () => {
  for (const queue of open.splice(0)) await queue.close()
  rmSync(directory, { recursive: true, force: true })
})

async function aQueue(options: Partial<DiskQueueOptions> = {}): Promise<DiskQueue> {
  const queue = await openDiskQueue({ directory, bytesMax: 2 ** 28, diskFreeBytesMin: 0, ...options })
  open.push(queue)
  return queue
}

const records = (from: number, count: number, bytes = 0) =>
  Array.from({ length: count }, (_, index) => ({
    key: Buffer.from(`k-${String(from + index)}`),
    value: Buffer.from(`v-${String(from + index)}`.padEnd(bytes, '.')),
  }))
const texts = (queue: DiskQueue, max = { records: 1_000, bytes: 1_000_000 }) =>
  queue.peek(max).map(({ key, value }) => `${String(key)} ${String(value)}`)
const textsOf = (from: number, count: number) =>
  records(from, count).map(({ key, value }) => `${String(key)} ${String(value)}`)

describe('a queue on disk', () => {
  it('gives the oldest records again and again until they are dropped', async () => {
    const queue = await aQueue()
    expect([queue.length, texts(queue)]).toEqual([0, []])
    await queue.append(records(0, 3))
    await queue.append(records(3, 3))
    expect(texts(queue, { records: 2, bytes: 1_000 })).toEqual(textsOf(0, 2))
    expect(texts(queue)).toEqual(textsOf(0, 6))
    await queue.drop(4)
    expect([queue.length, texts(queue)]).toEqual([2, textsOf(4, 2)])
    await queue.append(records(6, 1))
    await queue.drop(3)
    expect([queue.length, texts(queue)]).toEqual([0, []])
  })

  it('looks no further than the bytes allowed, but always at one record', async () => {
    const queue = await aQueue()
    await queue.append(records(0, 10, 1_000))
    expect(queue.peek({ records: 100, bytes: 3_000 })).toHaveLength(3)
    expect(queue.peek({ records: 100, bytes: 1 })).toHaveLength(1)
  })

  it('has what was not dropped after it was closed and opened again', async () => {
    const queue = await aQueue()
    await queue.append(records(0, 3))
    await queue.append(records(3, 3))
    await queue.drop(3)
    await queue.close()
    expect(texts(await aQueue())).toEqual(textsOf(3, 3))
  })

  it('has a record again after a restart rather than lose one', async () => {
    const queue = await aQueue()
    await queue.append(records(0, 3))
    await queue.drop(2)
    await queue.close()
    expect(texts(await aQueue()).slice(-1)).toEqual(textsOf(2, 1))
  })

  it('has everything it acknowledged after kill -9', async () => {
    const child = fork(new URL('./queueing-process.ts', import.meta.url), [directory], {
      execArgv: ['--import', 'tsx'],
    })
    let acknowledged = 0
    child.on('message', (count: number) => (acknowledged = count))
    await once(child, 'message')
    setTimeout(() => child.kill('SIGKILL'), 200)
    await once(child, 'exit')
    expect(acknowledged).toBeGreaterThan(0)
    const kept = texts(await aQueue(), { records: 1_000_000, bytes: 2 ** 30 })
    expect(kept.length).toBeGreaterThanOrEqual(acknowledged)
    expect(kept).toEqual(textsOf(0, kept.length))
  })

  it('refuses what is above its bytes, and takes as much again once it was emptied, in the same file', async () => {
    const bytesMax = 2_000_000
    const queue = await aQueue({ bytesMax })
    const fillUp = async () => {
      for (let appended = 0; ; appended += 100) {
        try {
          await queue.append(records(appended, 100, 1_000))
        } catch (error) {
          expect(error).toMatchObject({ name: 'LogError', code: 'LOG_FULL', retriable: true })
          return appended
        }
      }
    }
    const empty = async () => {
      while (queue.length > 0) await queue.drop(queue.peek({ records: 150, bytes: 1_000_000 }).length)
    }
    const first = await fillUp()
    expect(queue.fill).toBeGreaterThan(0.9)
    expect(queue.fill).toBeLessThanOrEqual(1)
    const size = statSync(join(directory, 'data.mdb')).size
    for (let round = 0; round < 3; round++) {
      await empty()
      expect(queue.fill).toBe(0)
      await vi.waitFor(() => queue.append(records(0, 100, 1_000)), 5_000) // space is looked up ten times a second
      expect(100 + (await fillUp())).toBe(first)
    }
    expect(statSync(join(directory, 'data.mdb')).size).toBeLessThan(1.2 * size)
  })

  it.each([
    ['garbage', 'this is no database '.repeat(1_000)],
    ['a beginning cut short', 'x'],
    ['zeros', '\0'.repeat(16_384)],
  ])('refuses a file that holds %s instead of a database', async (_, text) => {
    writeFileSync(join(directory, 'data.mdb'), text)
    await expect(aQueue()).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' })
  })

  it('takes an empty file for a queue that was never written to', async () => {
    writeFileSync(join(directory, 'data.mdb'), '')
    expect((await aQueue()).length).toBe(0)
  })

  it('says that a directory cannot be used', async () => {
    await expect(openDiskQueue({ directory: '/dev/null/queue', bytesMax: 1 })).rejects.toMatchObject({
      name: 'LogError',
      code: 'LOG_UNAVAILABLE',
      retriable: true,
    })
  })
})
