import {
  StoreError,
  type AcceptedEventsRow,
  type DroppedEventRow,
  type EventRow,
  type InsertBatch,
} from '@millrace/clickhouse'
import { FakeStore } from '@millrace/sink/testing'

/** Rows with this in their path are refused, as ClickHouse refuses a value it cannot store. */
export const refusedMark = 'refused-by-the-store'

/** The store's server side: tables that know their tokens. */
export class StoreServer {
  readonly tables = new FakeStore()
  /** Rows of `accepted_events`. */
  readonly counts: AcceptedEventsRow[] = []
  readonly #countTokens = new Set<string>()
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
    if (batch.table.name !== 'accepted_events') this.tables.land({ ...batch, token })
    else if (!this.#countTokens.has(token)) {
      this.#countTokens.add(token)
      this.counts.push(...(batch.rows as unknown as AcceptedEventsRow[]))
    }
  }
}

function isMarked({ pathname }: EventRow | DroppedEventRow): boolean {
  return pathname.includes(refusedMark)
}
