import { StoreError, type DroppedEventRow, type EventRow, type InsertBatch } from '@millrace/clickhouse'
import { FakeStore } from '@millrace/sink/testing'

/** Rows with this in their path are refused, as ClickHouse refuses a value it cannot store. */
export const refusedMark = 'refused-by-the-store'

/** The store's server side: tables that know their tokens. */
export class StoreServer {
  readonly tables = new FakeStore()
  readonly #honoursTokens: boolean
  #inserts = 0

  /** @param options.honoursTokens only a test turns that off */
  constructor(options: { readonly honoursTokens: boolean }) {
    this.#honoursTokens = options.honoursTokens
    this.tables.isRefused = isMarked
  }

  /** @throws StoreError when a row is refused */
  land<Row>(batch: InsertBatch<Row>): void {
    if (batch.table.name === 'dropped_events' && batch.rows.some((row) => isMarked(row as DroppedEventRow))) {
      throw new StoreError('a row is refused', { code: 'DATA_REFUSED' })
    }
    const token = this.#honoursTokens ? batch.token : `insert ${++this.#inserts}`
    this.tables.land({ ...batch, token })
  }
}

function isMarked({ pathname }: EventRow | DroppedEventRow): boolean {
  return pathname.includes(refusedMark)
}
