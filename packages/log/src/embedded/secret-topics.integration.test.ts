import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Log } from '../log.ts'
import { aTemporaryEmbeddedLog, type TemporaryLog } from './temporary-log.ts'

const hourMs = 3_600_000
const waitMsMax = 10_000

describe('a secret topic of the embedded log', () => {
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
      { topic: 'secret', partitions: 2, retentionMs: hourMs, isSecret: true },
      { topic: 'open', partitions: 2, retentionMs: hourMs },
    ])
  })

  afterEach(async () => {
    await temporary.remove()
    expect(sweepErrors).toEqual([])
  })

  const eventually = (check: () => unknown) => vi.waitFor(check, { timeout: waitMsMax, interval: 10 })

  async function append(topic: string, texts: readonly string[]): Promise<void> {
    const appender = await log.appender()
    await appender.append(texts.map((text) => ({ topic, partition: 1, key: null, value: Buffer.from(text) })))
  }

  async function readAll(from: Log, topic: string): Promise<string[]> {
    const texts: string[] = []
    const following = await from.follow({
      topic,
      partition: 1,
      onRecord: ({ offset, value }) => texts.push(`${offset} ${value.toString()}`),
      onError: (error) => sweepErrors.push(error),
    })
    await following.stop()
    return texts
  }

  const lowOf = async (topic: string) => (await log.watermarks(topic))[1]?.low
  const secretFiles = () => readdirSync(join(temporary.directory, 'secrets', 'secret'))

  it('is read as any other, by other clients too', async () => {
    await append('secret', ['a', 'b'])
    await append('secret', ['c'])
    const other = await temporary.open()
    expect(await readAll(other, 'secret')).toEqual(['0 a', '1 b', '2 c'])
    expect((await other.read({ topic: 'secret', partition: 1, offset: 1 }))?.value.toString()).toBe('b')
  })

  it('keeps its records in files that only their owner reads', async () => {
    await append('secret', ['a'])
    const [name] = secretFiles()
    const directory = join(temporary.directory, 'secrets', 'secret')
    expect(statSync(join(directory, name!)).mode & 0o777).toBe(0o600)
    expect(statSync(directory).mode & 0o777).toBe(0o700)
    expect(filesHolding(temporary.directory, 'a')).not.toEqual([])
  })

  it('leaves nothing of an expired record in any file, where an open topic leaves its bytes', async () => {
    for (let round = 0; round < 20; round++) {
      await append('secret', [`kept from others ${round}`])
      await append('open', [`seen by all ${round}`])
    }
    expect(filesHolding(temporary.directory, 'kept from others')).toHaveLength(20)
    clock += hourMs + 1
    await eventually(async () => expect(await lowOf('secret')).toBe(20))
    await eventually(async () => expect(await lowOf('open')).toBe(20))
    expect(filesHolding(temporary.directory, 'kept from others')).toEqual([])
    expect(filesHolding(temporary.directory, 'seen by all')).toEqual([join(temporary.directory, 'data.mdb')])
    expect(secretFiles()).toEqual([])
  })

  it('keeps what is younger than its retention', async () => {
    await append('secret', ['old'])
    clock += hourMs - 1_000
    await append('secret', ['young'])
    clock += 2_000
    await eventually(async () => expect(await lowOf('secret')).toBe(1))
    expect(await readAll(log, 'secret')).toEqual(['1 young'])
    expect(secretFiles()).toHaveLength(1)
  })

  it('passes over a record whose file is gone though the log still names it', async () => {
    await append('secret', ['first'])
    const [first] = secretFiles()
    await append('secret', ['second'])
    writeFileSync(join(temporary.directory, 'secrets', 'secret', first!), Buffer.alloc(40)) // overwritten, not unlinked
    expect(await readAll(log, 'secret')).toEqual(['1 second'])
    expect(await log.read({ topic: 'secret', partition: 1, offset: 0 })).toBeUndefined()
  })

  it('removes files that no record names, as a crash leaves them', async () => {
    await append('secret', ['named'])
    const directory = join(temporary.directory, 'secrets', 'secret')
    writeFileSync(join(directory, `${clock - 1}-${'0'.repeat(24)}`), 'left behind')
    clock += hourMs + 1
    await eventually(() => expect(secretFiles()).toEqual([]))
  })

  it('does not take a damaged file for a removed one', async () => {
    await append('secret', ['whole'])
    const path = join(temporary.directory, 'secrets', 'secret', secretFiles()[0]!)
    const bytes = readFileSync(path)
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1)
    writeFileSync(path, bytes)
    await expect(log.read({ topic: 'secret', partition: 1, offset: 0 })).rejects.toThrow(/damaged/)
  })
})

describe('an open topic of the embedded log that becomes secret', () => {
  const spec = { topic: 'salts', partitions: 2, retentionMs: hourMs }
  let clock = Date.now()
  let temporary: TemporaryLog

  beforeEach(async () => {
    temporary = await aTemporaryEmbeddedLog({ now: () => clock, retentionSweepMs: 20 })
  })
  afterEach(() => temporary.remove())

  async function append(log: Log, topic: string, texts: readonly string[]): Promise<void> {
    const appender = await log.appender()
    await appender.append(texts.map((text) => ({ topic, partition: 1, key: null, value: Buffer.from(text) })))
  }

  async function textsOf(log: Log): Promise<(string | undefined)[]> {
    const { low, high } = (await log.watermarks(spec.topic))[1]!
    const records = Array.from({ length: high - low }, (_, index) =>
      log.read({ topic: spec.topic, partition: 1, offset: low + index }),
    )
    return (await Promise.all(records)).map((record) => record?.value.toString())
  }

  it('keeps its records in their places, and its file holds no copy of them any more', async () => {
    const { directory, log } = temporary
    await log.createTopics([spec, { ...spec, topic: 'open' }])
    for (let round = 0; round < 10; round++) {
      await append(log, spec.topic, [`grain ${round} of salt`, ' '.repeat(3_000)]) // a page of its own
      await append(log, 'open', [`something else ${round}`, `grain ${round} of salt`.slice(2)])
    }
    expect(filesHolding(directory, 'grain 7 of salt')).toEqual([join(directory, 'data.mdb')])
    const before = await textsOf(log)
    await log.createTopics([{ ...spec, isSecret: true }])
    expect(await textsOf(log)).toEqual(before)
    expect(before).toHaveLength(20)
    expect(filesHolding(directory, 'grain 7 of salt')).toHaveLength(1)
    expect(filesHolding(directory, 'grain 7 of salt')[0]).toContain('secrets')
    await append(log, spec.topic, ['new grain'])
    expect(filesHolding(directory, 'new grain')[0]).toContain('secrets')
    const open = await log.read({ topic: 'open', partition: 1, offset: 15 })
    expect(open?.value.toString()).toBe('ain 7 of salt') // live bytes of others are left alone
    clock += hourMs + 1
    const isEmpty = async () =>
      expect((await log.watermarks(spec.topic))[1]).toMatchObject({ low: 21, high: 21 })
    await vi.waitFor(isEmpty, { timeout: waitMsMax, interval: 10 })
    expect(filesHolding(directory, 'grain 7 of salt')).toEqual([])
  })

  it('is looked through again at the next start, until no copy is found', async () => {
    const { directory, log, open } = temporary
    await log.createTopics([spec])
    await append(log, spec.topic, ['a grain of salt'])
    const file = join(directory, 'data.mdb')
    const copy = chunkBytesIn(readFileSync(file), 'a grain of salt')
    await log.createTopics([{ ...spec, isSecret: true }])
    appendFileSync(file, copy) // as a page kept in memory and written later would
    expect(filesHolding(directory, 'a grain of salt')).toHaveLength(2)
    const next = await open()
    await next.createTopics([{ ...spec, isSecret: true }])
    expect(filesHolding(directory, 'a grain of salt')).toHaveLength(1)
    expect(await textsOf(next)).toEqual(['a grain of salt'])
  })
})

/** A chunk of one record without a key, as it lies in the log's file. */
function chunkBytesIn(file: Buffer, text: string): Buffer {
  const at = file.indexOf(text)
  return Buffer.from(file.subarray(at - 21, at + text.length))
}

/** Every file below the directory whose bytes hold the text. */
function filesHolding(directory: string, text: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(text))
}
