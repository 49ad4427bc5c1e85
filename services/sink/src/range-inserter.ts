import {
  acceptedEventsTable,
  checkRows,
  deadLettersTable,
  droppedEventsTable,
  eventsTable,
  passedOverTable,
} from '@millrace/clickhouse'
import type {
  AcceptedEventsRow,
  DeadLetterRow,
  DroppedEventRow,
  EventRow,
  PassedOverRow,
  Store,
  Table,
} from '@millrace/clickhouse'
import { NeighbourError, retry } from '@millrace/runtime'
import { byMonth } from './insert-batch.ts'
import { insertLayers } from './insert-layers.ts'
import type { InternalEvents } from './internal-events.ts'
import { MonthBlocks } from './month-blocks.ts'
import type { RangeClaim, RetryDelays } from './range-claim.ts'

export interface RangeInserterOptions {
  readonly store: Pick<Store, 'insert' | 'block' | 'insertBlock'>
  readonly internalEvents: InternalEvents
  readonly retryDelays: RetryDelays
  /** Milliseconds, monotonic. */
  readonly now: () => number
}

/**
 * Inserts the rows of claimed ranges, each block under a token of its range, unchanged until it succeeds.
 * @throws PartitionLostError; a StoreError that is not retriable, or any when the assignment has ended
 */
export class RangeInserter {
  readonly #options: RangeInserterOptions

  constructor(options: RangeInserterOptions) {
    this.#options = options
  }

  /**
   * One insert for each month, and where a session that lies in two of them is overridden, one more for each layer.
   * ClickHouse stores a block of one month whole or not at all. The token of a range names the month where there may be
   * several; of a range that goes in parts, rows of other months may be stored already. Several months are checked before
   * the first is stored: a refused row must not have had a say in its neighbours' sessions.
   * @param stored offsets of rows that are stored already: they are not inserted, but decide with the others which rows go
   * into which insert, so that a token means the same rows whenever the range is tried
   */
  async insertEvents(
    claim: RangeClaim,
    rows: readonly EventRow[],
    stored: ReadonlySet<number> = new Set(),
  ): Promise<void> {
    const months = byMonth(rows)
    if (months.size > 1) checkRows(eventsTable, rows)
    const isOneMonth = months.size === 1 && claim.intent.split === undefined
    const layers = months.size > 1 ? insertLayers(rows) : [rows]
    for (const [layer, layerRows] of layers.entries()) {
      for (const [month, monthRows] of byMonth(layerRows)) {
        const name = layer === 0 ? month : `${month}:${layer}`
        const token = isOneMonth ? claim.token : `${claim.token}:${name}`
        const missing =
          stored.size === 0 ? monthRows : monthRows.filter((row) => !stored.has(row.kafkaOffset))
        await this.#insert(claim, { table: eventsTable, rows: missing, token })
      }
    }
  }

  /** Blocks for `insertBlocks`. */
  monthBlocks(): MonthBlocks {
    return new MonthBlocks(this.#options.store)
  }

  /** As `insertEvents`, where none of the rows is stored already, and all of them are in one layer. */
  async insertBlocks(claim: RangeClaim, months: MonthBlocks): Promise<void> {
    const blocks = months.entries()
    for (const [month, block] of blocks) {
      const token = blocks.length === 1 ? claim.token : `${claim.token}:${month}`
      const { table, length: rows } = block
      const send = () => this.#options.store.insertBlock(block, token)
      await this.#send(claim, { table: table.name, rows, send })
    }
  }

  async insertDrops(claim: RangeClaim, rows: readonly DroppedEventRow[]): Promise<void> {
    await this.#insert(claim, { table: droppedEventsTable, rows, token: `${claim.token}:drops` })
    this.#options.internalEvents.dropsStored(rows)
  }

  async insertPassedOver(claim: RangeClaim, rows: readonly PassedOverRow[]): Promise<void> {
    await this.#insert(claim, { table: passedOverTable, rows, token: `${claim.token}:passed-over` })
  }

  async insertAcceptedEvents(claim: RangeClaim, rows: readonly AcceptedEventsRow[]): Promise<void> {
    await this.#insert(claim, { table: acceptedEventsTable, rows, token: claim.token })
  }

  /** A dead letter that is refused has nowhere else to go: that ends the process. */
  async insertDeadLetters(claim: RangeClaim, rows: readonly DeadLetterRow[]): Promise<void> {
    const batch = { table: deadLettersTable, rows, token: `${claim.token}:dead-letters` }
    await this.#insert(claim, batch).catch((cause: unknown) => {
      if (!isRefusal(cause)) throw cause
      const message = `${claim.token}: a dead letter was refused`
      throw new NeighbourError(message, { code: 'DEAD_LETTER_REFUSED', retriable: false, cause })
    })
    this.#options.internalEvents.deadLettersStored(rows)
  }

  async #insert<Row>(
    claim: RangeClaim,
    batch: { readonly table: Table<Row>; readonly rows: readonly Row[]; readonly token: string },
  ): Promise<void> {
    if (batch.rows.length === 0) return
    const send = () => this.#options.store.insert(batch)
    await this.#send(claim, { table: batch.table.name, rows: batch.rows.length, send })
  }

  async #send(
    claim: RangeClaim,
    insert: { readonly table: string; readonly rows: number; readonly send: () => Promise<void> },
  ): Promise<void> {
    const { internalEvents, now, retryDelays } = this.#options
    const { table, rows, send } = insert
    const attempt = async (): Promise<void> => {
      await claim.confirm()
      const startedAt = now()
      await send()
      internalEvents.inserted({ table, rows, ms: now() - startedAt })
    }
    await retry(attempt, {
      ...retryDelays,
      signal: claim.signal,
      onRetry: (error) => internalEvents.storeRetried({ ...claim.place, error }),
    })
  }
}

/** The store refuses the rows themselves, so that a repeat is in vain. */
export function isRefusal(error: unknown): boolean {
  return error instanceof NeighbourError && ['DATA_REFUSED', 'BATCH_TOO_LARGE'].includes(error.code)
}
