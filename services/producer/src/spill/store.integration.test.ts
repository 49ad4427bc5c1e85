import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { topics } from '@millrace/events'
import type { AppendRecord } from '@millrace/log'
import { OptionsError } from '@millrace/runtime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Spill, type SpillOptions } from './store.ts'

let root: string
const open: Spill[] = []
const unreadable: unknown[] = []
const taken: unknown[] = []

beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), 'millrace-spill-')), 'spill')
})
afterEach(async () => {
  for (const spill of open.splice(0)) await spill.close().catch(() => undefined)
  rmSync(join(root, '..'), { recursive: true, force: true })
  unreadable.splice(0)
  taken.splice(0)
})

async function aSpill(options: Partial<SpillOptions> = {}): Promise<Spill> {
  const spill = await Spill.open({
    root,
    bytesMax: 2 ** 28,
    diskFreeBytesMin: 0,
    writeMsMax: 10_000,
    leftBehindAfterMs: 0,
    onTaken: (error) => taken.push(error),
    onUnreadable: (error) => unreadable.push(error),
    ...options,
  })
  open.push(spill)
  return spill
}

const all = { records: 1_000, bytes: 1_000_000 }
const records = (name: string, count = 3): AppendRecord[] =>
  Array.from({ length: count }, (_, index) => ({
    topic: topics.raw,
    partition: index % 2,
    key: Buffer.from(`visitor ${String(index)}`),
    value: Buffer.from(`${name} ${String(index)}`),
  }))
const texts = (spill: Spill) => spill.peek(all).map(({ value }) => String(value).split(' ')[0])
const numbered = () => readdirSync(root).filter((name) => /^\d+$/.test(name))

/** A process that spills records of a name, says so, and lives until it is killed. */
async function anotherProducer(name: string) {
  const source = new URL('./store.ts', import.meta.url).href
  const code = `import { Spill } from ${JSON.stringify(source)}
    const root = ${JSON.stringify(root)}
    const spill = await Spill.open({ root, bytesMax: 2 ** 28, diskFreeBytesMin: 0, writeMsMax: 10_000, leftBehindAfterMs: 0, onTaken: console.error, onUnreadable: console.error })
    const value = Buffer.from(${JSON.stringify(name)})
    await spill.append([{ topic: ${JSON.stringify(topics.raw)}, partition: 0, key: Buffer.from('k'), value }])
    console.log('spilled')
    setInterval(() => undefined, 1000)`
  const args = ['--conditions=source', '--import', 'tsx', '--input-type=module', '-e', code]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return {
    kill: async () => {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}

describe('Spill', () => {
  it('has what was appended, with its place, until it is dropped; then nothing is left on the disk', async () => {
    const spill = await aSpill()
    expect([spill.length, spill.fill, numbered()]).toEqual([0, 0, []])
    await spill.append(records('a'))
    await spill.append(records('b'))
    expect(spill.peek(all)).toEqual([...records('a'), ...records('b')])
    expect(spill.fill).toBeGreaterThan(0)
    await spill.rest() // something waits: nothing is removed
    expect(spill.length).toBe(6)
    await spill.drop(6)
    await spill.rest()
    expect([spill.length, spill.fill, numbered()]).toEqual([0, 0, []])
    await spill.append(records('c'))
    expect(texts(spill)).toEqual(['c', 'c', 'c'])
  })

  it('takes records that come while its files are being removed', async () => {
    const spill = await aSpill()
    for (let round = 0; round < 10; round++) {
      await spill.append(records('a'))
      spill.peek(all)
      await spill.drop(3)
      const resting = spill.rest()
      await spill.append(records('b'))
      await resting
      expect(spill.peek(all)).toEqual(records('b'))
      await spill.drop(3)
    }
  })

  it('has what waited when it was closed after the next start', async () => {
    const first = await aSpill()
    await first.append(records('a'))
    await first.close()
    const second = await aSpill()
    expect(second.peek(all)).toEqual(records('a'))
  })

  it('keeps producers that share the directory apart while they live', async () => {
    const spills = [await aSpill(), await aSpill(), await aSpill()]
    for (const [index, spill] of spills.entries()) await spill.append(records(String(index)))
    expect(numbered()).toEqual(['0', '1', '2'])
    for (const [index, spill] of spills.entries()) {
      expect(await spill.adoptLeftBehind()).toBe(false)
      expect(new Set(texts(spill))).toEqual(new Set([String(index)]))
    }
  })

  it('takes over what a killed process left, at the start or later, before its own', async () => {
    const [one, other] = [await anotherProducer('one'), await anotherProducer('other')]
    const spill = await aSpill()
    expect([numbered(), spill.length]).toEqual([['0', '1'], 0])
    await spill.append(records('own', 1))
    await one.kill()
    expect([await spill.adoptLeftBehind(), spill.length]).toEqual([true, 2])
    await other.kill()
    const late = await aSpill()
    expect([texts(spill), texts(late)]).toEqual([['one'], ['other']])
    await spill.drop(1)
    expect(texts(spill)).toEqual(['own'])
    expect(await late.adoptLeftBehind()).toBe(false)
    await late.drop(1)
    await late.rest()
    expect(numbered()).toEqual(['2'])
  })

  it('leaves what was left a moment ago to the producer that comes back, however it ended', async () => {
    const patient = { leftBehindAfterMs: 60_000 }
    const living = await aSpill(patient)
    const stopped = await aSpill(patient)
    await stopped.append(records('stopped'))
    const killed = await anotherProducer('killed')
    await stopped.close()
    await killed.kill()
    expect(await living.adoptLeftBehind()).toBe(false)
    const [first, second] = [await aSpill(patient), await aSpill(patient)]
    expect([texts(first)[0], texts(second)[0]]).toEqual(['stopped', 'killed'])
  })

  it('acknowledges nothing more when another has taken its directory while it was frozen', async () => {
    const frozen = await aSpill()
    await frozen.append(records('early'))
    rmSync(join(root, '0.lock')) // as a producer in another container does
    const other = await aSpill()
    await expect(frozen.append(records('late'))).rejects.toMatchObject({ retriable: false })
    expect(taken).toEqual([
      expect.objectContaining({ message: expect.stringContaining('was taken') as string }),
    ])
    expect(texts(other).slice(0, 3)).toEqual(['early', 'early', 'early'])
  })

  it('removes no files of a directory that another has taken', async () => {
    const frozen = await aSpill()
    await frozen.append(records('early'))
    rmSync(join(root, '0.lock'))
    const other = await aSpill()
    await other.append(records('late'))
    frozen.peek(all)
    await frozen.drop(6)
    await frozen.rest()
    await other.append(records('later'))
    await other.close()
    expect(texts(await aSpill())).toEqual(['later', 'later', 'later'])
  })

  it('takes another directory when its own was taken while nothing waited in it', async () => {
    const frozen = await aSpill()
    rmSync(join(root, '0.lock'))
    const other = await aSpill()
    await other.append(records('other'))
    await frozen.append(records('own'))
    expect([texts(frozen)[0], texts(other)[0], taken]).toEqual(['own', 'other', []])
  })

  it('drops from where it looked, though something older has turned up since', async () => {
    const left = await anotherProducer('left')
    const spill = await aSpill()
    await spill.append(records('own', 2))
    spill.peek({ records: 1, bytes: 1_000 })
    await left.kill()
    await spill.adoptLeftBehind()
    await spill.drop(1)
    expect([texts(spill), spill.length]).toEqual([['left'], 2])
  })

  it.each(['0', '7'])(
    'leaves a directory %s that it cannot read as it is, says so once, and does without',
    async (name) => {
      mkdirSync(join(root, name), { recursive: true })
      writeFileSync(join(root, name, 'data.mdb'), 'this is no database '.repeat(1_000))
      const spill = await aSpill()
      await spill.adoptLeftBehind()
      expect([spill.length, unreadable.length]).toEqual([0, 1])
      await spill.append(records('a'))
      await spill.close()
      expect(readFileSync(join(root, name, 'data.mdb'), 'utf8')).toContain('this is no database')
      expect((await aSpill()).length).toBe(3)
    },
  )

  it('places what waits among the partitions that there are', async () => {
    const spill = await aSpill()
    expect(spill.lastRawPartitions).toBeUndefined()
    await spill.append(records('a', 2))
    spill.seeRawPartitions(1)
    expect(spill.peek(all).map(({ partition }) => partition)).toEqual([0, 0])
    spill.seeRawPartitions(2)
    expect(spill.peek(all).map(({ partition }) => partition)).toEqual([0, 1])
    expect((await aSpill()).lastRawPartitions).toBe(2)
  })

  it('takes a number of partitions that is not whole for none', async () => {
    const spill = await aSpill()
    writeFileSync(join(root, 'raw-topic.json'), '{"rawPart')
    expect(spill.lastRawPartitions).toBeUndefined()
  })

  it('refuses more than its bytes', async () => {
    const spill = await aSpill({ bytesMax: 1_000 })
    await expect(spill.append(records('a', 100))).rejects.toMatchObject({ code: 'LOG_FULL', retriable: true })
    await spill.append(records('a', 1))
  })

  it('stops the start in one line where it cannot write', async () => {
    const refused = aSpill({ root: '/dev/null/spill' })
    await expect(refused).rejects.toThrow(OptionsError)
    await expect(refused).rejects.toThrow(/^invalid options: DATA_DIR: [^\n]*SPILL_BYTES_MAX=0 does without$/)
  })
})
