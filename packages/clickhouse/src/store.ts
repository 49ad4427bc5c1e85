import type { ResultBlock } from './result-blocks.ts'
import type { Table } from './table.ts'

/** What the services need of ClickHouse; the real one speaks HTTP through @clickhouse/client, tests have a fake. */
export interface Store {
  /** Rows of a SELECT as objects; 64-bit integers and decimals come as text. */
  query<Row>(sql: string, params?: Readonly<Record<string, unknown>>): Promise<Row[]>
  /**
   * Passes on the rows of a SELECT in blocks of some thousand as they come, column by column: for large results.
   * A rejection may come after some blocks; a repeat begins with the first.
   */
  readBlocks(sql: string, onBlock: (block: ResultBlock) => void): Promise<void>
  /** Runs a statement that returns nothing. */
  command(sql: string): Promise<void>
  /**
   * Inserts all rows as one block under a deduplication token: the same token again stores nothing and succeeds, even
   * with other rows (the server trusts the token). No rows is nothing to do.
   * The rows of one `events` batch must lie in one month of `timestamp`, at most `insertRowsMax` rows.
   * @throws StoreError `STORE_UNAVAILABLE` (retriable: the rows may or may not be stored), `STORE_BUSY` (retriable);
   *   `DATA_REFUSED` (not retriable) when a value cannot be stored, with its `place` if it was found before sending;
   *   `BATCH_SPANS_PARTITIONS`, `BATCH_TOO_LARGE`; see StoreErrorCode for the rest
   */
  insert<Row>(batch: InsertBatch<Row>): Promise<void>
  /** An empty block for `insertBlock`. */
  block<Row>(table: Table<Row>): RowBlock<Row>
  /** As `insert`, of rows that came some at a time; may be repeated. @param block of this store's `block` */
  insertBlock<Row>(block: RowBlock<Row>, token: string): Promise<void>
  /** @throws StoreError when the server does not answer, or refuses user or database */
  ping(): Promise<void>
  close(): Promise<void>
}

export interface InsertBatch<Row> {
  readonly table: Table<Row>
  readonly rows: readonly Row[]
  /** A pure function of the batch, such as `millrace.events.enriched:3:1200-1399`. */
  readonly token: string
}

/** The rows of one insert, taken some at a time: they need not be kept, and what cannot be stored is found at once. */
export interface RowBlock<Row> {
  readonly table: Table<Row>
  /** Number of rows so far. */
  readonly length: number
  /** @throws StoreError `DATA_REFUSED` with its `place`, or `BATCH_TOO_LARGE`: the block is of no use then */
  append(rows: readonly Row[]): void
}

export interface StoreOptions {
  /** `http://host:port`. */
  readonly url: string
  readonly database: string
  readonly user: string
  readonly password: string
  /** An insert or query that takes longer is given up (and may still succeed at the server). */
  readonly requestMsMax: number
}
