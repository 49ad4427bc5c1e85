import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Environment } from './environment.ts'

describe('Environment', () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-lmdb-'))
  let one: Environment
  let other: Environment

  beforeAll(() => {
    one = new Environment({ directory, writeMsMax: 5_000 })
    other = new Environment({ directory, writeMsMax: 5_000 })
  })
  afterAll(async () => {
    await Promise.all([one.close(), other.close()])
    rmSync(directory, { recursive: true })
  })

  it('has written when a write without conditions resolves', async () => {
    expect(await one.write([], () => one.putRow(['plain'], { a: 1 }, 7))).toBe(true)
    other.snapshot()
    expect(other.row(['plain'])).toEqual({ value: { a: 1 }, version: 7 })
    await one.write([], () => one.removeRow(['plain']))
    other.snapshot()
    expect(other.row(['plain'])).toBeUndefined()
  })

  it.each([
    { name: 'none exists, none should', first: null, second: null, setUp: [], holds: true },
    { name: 'both versions', first: 3, second: 5, setUp: [3, 5], holds: true },
    { name: 'the first differs', first: 4, second: 5, setUp: [3, 5], holds: false },
    { name: 'the second differs', first: 3, second: 6, setUp: [3, 5], holds: false },
    { name: 'both differ', first: 4, second: 6, setUp: [3, 5], holds: false },
    { name: 'one exists that should not', first: 3, second: null, setUp: [3, 5], holds: false },
    { name: 'one is missing', first: 3, second: 5, setUp: [3], holds: false },
  ])(
    'writes everything or nothing on its conditions: $name',
    async ({ name, first, second, setUp, holds }) => {
      const keys = [
        ['row', name, 1],
        ['row', name, 2],
      ] as const
      for (const [index, version] of setUp.entries()) {
        await one.write([], () => one.putRow(keys[index]!, 'before', version))
      }
      const conditions = [
        { key: keys[0], version: first },
        { key: keys[1], version: second },
      ]
      const done = await one.write(conditions, () => {
        for (const key of keys) one.putRow(key, 'after', 9)
        one.putChunk(['t', name], 0, Buffer.from('chunk'))
      })
      expect(done).toBe(holds)
      other.snapshot()
      const before = setUp.map((version) => ({ value: 'before', version }))
      const after = { value: 'after', version: 9 }
      expect(keys.map((key) => other.row(key))).toEqual(holds ? [after, after] : [before[0], before[1]])
      expect(other.chunk(['t', name], 0)?.toString()).toBe(holds ? 'chunk' : undefined)
    },
  )

  it('lets one of two that expect the same version write', async () => {
    await one.write([], () => one.putRow(['counter'], 0, 1))
    const outcomes = await Promise.all(
      [one, other].map((environment) =>
        environment.write([{ key: ['counter'], version: 1 }], () => environment.putRow(['counter'], 1, 2)),
      ),
    )
    expect(outcomes.toSorted()).toEqual([false, true])
  })

  it('finds chunks by offset, by the offset before, and in order', async () => {
    const place = ['topic', 3]
    await one.write([], () => {
      for (const base of [0, 7, 300, 70_000]) one.putChunk(place, base, Buffer.from(String(base)))
      one.putChunk(['topic', 4], 8, Buffer.from('other'))
      one.putChunk(['topic', 2], 8, Buffer.from('other'))
    })
    one.snapshot()
    expect(one.chunk(place, 7)?.toString()).toBe('7')
    expect(one.chunk(place, 8)).toBeUndefined()
    expect([6, 7, 8, 299, 99_999].map((offset) => one.chunkBefore(place, offset)?.base)).toEqual([
      0, 7, 7, 7, 70_000,
    ])
    expect(one.chunksFrom(place, 1, 10).map(({ base }) => base)).toEqual([7, 300, 70_000])
    expect(one.chunksFrom(place, 0, 2).map(({ base }) => base)).toEqual([0, 7])
    expect(one.chunkBefore(['topic', 5], 10)).toBeUndefined()
  })

  it('lists the rows under a prefix, and no others', async () => {
    await one.write([], () => {
      one.putRow(['a', 'g', 1], 'x', 1)
      one.putRow(['a', 'g', 2], 'y', 2)
      one.putRow(['a', 'gg', 1], 'no', 1)
      one.putRow(['a'], 'no', 1)
    })
    one.snapshot()
    expect(one.rows(['a', 'g'])).toEqual([
      { key: ['a', 'g', 1], row: { value: 'x', version: 1 } },
      { key: ['a', 'g', 2], row: { value: 'y', version: 2 } },
    ])
  })

  it('refuses to be used once closed', async () => {
    const closed = new Environment({ directory, writeMsMax: 5_000 })
    await closed.close()
    expect(() => closed.snapshot()).toThrow('the log is closed')
    await expect(closed.write([], () => undefined)).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' })
  })
})
