import { checkRows } from './check-rows.ts'
import type { ResultBlock } from './result-blocks.ts'
import { RowList } from './row-list.ts'
import { StoreError } from './store-error.ts'
import type { InsertBatch, RowBlock, Store } from './store.ts'
import type { Table } from './table.ts'

/** How an insert fails: with nothing stored, or with the rows stored and the answer lost. */
export type InsertFault = 'before' | 'after'
export type QueryAnswer = (sql: string, params: Readonly<Record<string, unknown>>) => readonly unknown[]

/** A store in memory for unit tests: honours tokens, refuses what the real one refuses, and fails when told to. */
export class FakeStore implements Store {
  /** Every call of `insert`, also those that failed or stored nothing. */
  readonly attempts: InsertBatch<unknown>[] = []
  readonly commands: string[] = []
  readonly #rows = new Map<string, unknown[]>()
  readonly #tokens = new Set<string>()
  readonly #faults: (InsertFault | StoreError)[] = []
  #answer: QueryAnswer = () => []
  #gate: Promise<void> = Promise.resolve()

  /** What is stored in a table, in the order of insertion. */
  rows<Row>(table: Table<Row>): readonly Row[] {
    return (this.#rows.get(table.name) ?? []) as Row[]
  }

  /** The next inserts fail, one after the other; with a StoreError, with that and nothing stored. */
  failInserts(...faults: readonly (InsertFault | StoreError)[]): void {
    this.#faults.push(...faults)
  }

  /** Inserts wait, before anything is stored, until the returned function is called. */
  holdInserts(): () => void {
    let release: () => void = () => undefined
    this.#gate = new Promise((resolve) => {
      release = resolve
    })
    return release
  }

  /** Sets what queries, `readBlocks` too, are answered with; no rows until then. */
  answerQueries(answer: QueryAnswer): void {
    this.#answer = answer
  }

  query<Row>(sql: string, params: Readonly<Record<string, unknown>> = {}): Promise<Row[]> {
    return Promise.resolve(this.#answer(sql, params) as Row[])
  }

  async readBlocks(sql: string, onBlock: (block: ResultBlock) => void): Promise<void> {
    const rows = await this.query<Readonly<Record<string, string | number>>>(sql)
    const values = (column: string) => rows.map((row) => row[column])
    const block = {
      rows: rows.length,
      texts: values as ResultBlock['texts'],
      numbers: values as ResultBlock['numbers'],
    }
    if (rows.length > 0) onBlock(block)
  }

  command(sql: string): Promise<void> {
    this.commands.push(sql)
    return Promise.resolve()
  }

  async insert<Row>(batch: InsertBatch<Row>): Promise<void> {
    const { table, rows, token } = batch
    this.attempts.push(batch as InsertBatch<unknown>)
    if (rows.length === 0) return
    this.#refuseWhatCannotBeStored(batch)
    await this.#gate
    const fault = this.#faults.shift()
    if (fault instanceof StoreError) throw fault
    if (fault === 'before') throw unavailable()
    const key = `${table.name} ${token}`
    if (!this.#tokens.has(key)) {
      this.#tokens.add(key)
      this.#rows.set(table.name, [...this.rows(table), ...rows])
    }
    if (fault === 'after') throw unavailable()
  }

  block<Row>(table: Table<Row>): RowBlock<Row> {
    return new RowList(table)
  }

  insertBlock<Row>(block: RowBlock<Row>, token: string): Promise<void> {
    return this.insert({ table: block.table, rows: RowList.rowsOf(block), token })
  }

  ping(): Promise<void> {
    return Promise.resolve()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #refuseWhatCannotBeStored<Row>({ table, rows }: InsertBatch<Row>): void {
    checkRows(table, rows)
    if (table.name !== 'events') return
    const timestamp = table.columns.find((column) => column.name === 'timestamp')
    const months = new Set(
      rows.map((row) => new Date(Number(timestamp?.read(row)) * 1000).toISOString().slice(0, 7)),
    )
    if (months.size > 1) {
      throw new StoreError('the rows lie in more than one month', { code: 'BATCH_SPANS_PARTITIONS' })
    }
  }
}

function unavailable(): StoreError {
  return new StoreError('the store was told to fail', { code: 'STORE_UNAVAILABLE' })
}
