import { eventsTable, type EventRow, type RowBlock, type Store } from '@millrace/clickhouse'
import { byMonth } from './insert-batch.ts'

/** Rows of a range of events in one block a month, in the order in which the months turned up. */
export class MonthBlocks {
  readonly #store: Pick<Store, 'block'>
  readonly #blocks = new Map<string, RowBlock<EventRow>>()

  constructor(store: Pick<Store, 'block'>) {
    this.#store = store
  }

  /** @throws StoreError `DATA_REFUSED` or `BATCH_TOO_LARGE` */
  append(rows: readonly EventRow[]): void {
    for (const [month, monthRows] of byMonth(rows)) this.#blockOf(month).append(monthRows)
  }

  entries(): readonly (readonly [month: string, block: RowBlock<EventRow>])[] {
    return [...this.#blocks]
  }

  #blockOf(month: string): RowBlock<EventRow> {
    const block = this.#blocks.get(month) ?? this.#store.block(eventsTable)
    this.#blocks.set(month, block)
    return block
  }
}
