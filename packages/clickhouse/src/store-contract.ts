import { describe, expect, it } from 'vitest'
import type { EventRow } from './event-row.ts'
import { eventsTable } from './events-table.ts'
import type { Store } from './store.ts'
import { anEventRow } from './testing.ts'

export interface StoreUnderTest {
  readonly store: Store
  /** Offsets stored in `events` for a partition, ascending. */
  readonly offsets: (partition: number) => Promise<number[]>
  /** Where no engine runs the queries: what the next ones are answered with. */
  readonly answerWith?: (rows: readonly unknown[]) => void
}

const november = Date.UTC(2026, 10, 30, 23, 59, 59) / 1000

/** What every Store promises; each case writes to a partition of its own. */
export function describeStoreContract(name: string, make: () => StoreUnderTest): void {
  const rowsAt = (partition: number, ...offsets: number[]): EventRow[] =>
    offsets.map((kafkaOffset) => anEventRow({ kafkaPartition: partition, kafkaOffset }))

  describe(`${name} keeps the store's promises`, () => {
    it('stores the rows of an insert', async () => {
      const { store, offsets } = make()
      await store.insert({ table: eventsTable, rows: rowsAt(101, 1, 2), token: 'contract:101:1-2' })
      expect(await offsets(101)).toEqual([1, 2])
    })

    it('stores nothing under a token that it has seen, and succeeds', async () => {
      const { store, offsets } = make()
      for (let attempt = 0; attempt < 3; attempt++) {
        await store.insert({ table: eventsTable, rows: rowsAt(102, 1, 2), token: 'contract:102:1-2' })
      }
      expect(await offsets(102)).toEqual([1, 2])
    })

    it('stores equal rows again under another token', async () => {
      const { store, offsets } = make()
      await store.insert({ table: eventsTable, rows: rowsAt(103, 1), token: 'contract:103:a' })
      await store.insert({ table: eventsTable, rows: rowsAt(103, 1), token: 'contract:103:b' })
      expect(await offsets(103)).toEqual([1, 1])
    })

    it('has nothing to do for no rows', async () => {
      const { store } = make()
      await expect(
        store.insert({ table: eventsTable, rows: [], token: 'contract:none' }),
      ).resolves.toBeUndefined()
    })

    it('refuses rows of two months, stores none of them, and does not remember the token', async () => {
      const { store, offsets } = make()
      const [first, second] = rowsAt(104, 1, 2)
      const rows = [
        { ...first!, timestamp: november },
        { ...second!, timestamp: november + 1 },
      ]
      const batch = { table: eventsTable, rows, token: 'contract:104' }
      await expect(store.insert(batch)).rejects.toMatchObject({
        code: 'BATCH_SPANS_PARTITIONS',
        retriable: false,
      })
      expect(await offsets(104)).toEqual([])
      await store.insert({ ...batch, rows: rows.slice(0, 1) })
      expect(await offsets(104)).toEqual([1])
    })

    it('stores events of one month whose sessions began in the month before', async () => {
      const { store, offsets } = make()
      const rows = rowsAt(105, 1, 2).map((row, index) => ({
        ...row,
        timestamp: november + 1,
        sessionStart: november + index,
      }))
      await store.insert({ table: eventsTable, rows, token: 'contract:105' })
      expect(await offsets(105)).toEqual([1, 2])
    })

    it('names row and column of a value that cannot be stored, and stores none of the rows', async () => {
      const { store, offsets } = make()
      const rows = rowsAt(106, 1, 2, 3).map((row, index) => (index === 1 ? { ...row, asn: Number.NaN } : row))
      await expect(store.insert({ table: eventsTable, rows, token: 'contract:106' })).rejects.toMatchObject({
        code: 'DATA_REFUSED',
        retriable: false,
        place: { row: 1, column: 'asn' },
      })
      expect(await offsets(106)).toEqual([])
    })

    it('passes on the rows of a SELECT in blocks, in order, and no block without rows', async () => {
      const { store, answerWith } = make()
      const rows = Array.from({ length: 20_000 }, (_, n) => ({ n, site: `site ${n % 3}`, text: `é ${n}` }))
      answerWith?.(rows)
      const found: typeof rows = []
      const select = (count: number) =>
        `SELECT toUInt32(number) AS n, toLowCardinality(concat('site ', toString(n % 3))) AS site,
           concat('é ', toString(n)) AS text FROM numbers(${count})`
      await store.readBlocks(select(20_000), (block) => {
        const [n, site, text] = [block.numbers('n'), block.texts('site'), block.texts('text')]
        for (let row = 0; row < block.rows; row++) {
          found.push({ n: n[row]!, site: site[row]!, text: text[row]! })
        }
      })
      expect(found).toEqual(rows)
      answerWith?.([])
      await store.readBlocks(select(0), () => {
        throw new Error('there is nothing to pass on')
      })
    })

    it('answers a ping', async () => {
      await expect(make().store.ping()).resolves.toBeUndefined()
    })
  })
}
