import type { InsertBatch, Store } from '@millrace/clickhouse'
import { describe, expect, it } from 'vitest'
import { ImportLedger, notBegun, type ImportRow } from './import-ledger.ts'

const aRow = (changes: Partial<ImportRow> = {}): ImportRow => ({
  ...notBegun,
  hash: 'ab',
  name: 'a.ndjson',
  size: 100,
  partitions: 4,
  rules: 'r',
  startedAt: 1_000,
  updatedAt: 2_000,
  finishedAt: undefined,
  ...changes,
})

/** The values of a column as they were inserted. */
async function inserted(rows: readonly ImportRow[], column: string): Promise<unknown[]> {
  const values: unknown[] = []
  const store: Pick<Store, 'insert' | 'query'> = {
    insert: <Row>(batch: InsertBatch<Row>) => {
      const { read } = batch.table.columns.find(({ name }) => name === column)!
      values.push(...batch.rows.map((row) => read(row)))
      return Promise.resolve()
    },
    query: () => Promise.resolve([]),
  }
  for (const row of rows) await new ImportLedger(store).save(row)
  return values
}

describe('ImportLedger', () => {
  it('replaces a row with a later one', async () => {
    const [first, second] = await inserted([aRow(), aRow({ updatedAt: 2_001 })], 'version')
    expect(second).toBeGreaterThan(Number(first))
  })

  it('keeps a finished row, whatever a slower run of the same file saves later', async () => {
    const day = 86_400_000
    const [finished, later] = await inserted(
      [aRow({ updatedAt: day, finishedAt: day }), aRow({ updatedAt: 30_000 * day })],
      'version',
    )
    expect(finished).toBeGreaterThan(Number(later))
    expect(Number.isSafeInteger(finished)).toBe(true)
  })

  it('finds no row where the file was never imported', async () => {
    const ledger = new ImportLedger({ query: () => Promise.resolve([]), insert: () => Promise.resolve() })
    expect(await ledger.find('ab')).toBe(undefined)
  })
})
