import type { AcceptedEventsRow } from '@millrace/clickhouse'
import { decodeTally, topics, UndecodableRecordError } from '@millrace/events'
import type { LogRecord } from '@millrace/log'
import { describeError } from '@millrace/runtime'
import { deadLetterRow } from './enriched-item.ts'
import type { InsertBatch } from './insert-batch.ts'
import type { PartitionWork, StoredRange } from './partition-loop.ts'
import type { RangeClaim } from './range-claim.ts'
import type { RangeInserter } from './range-inserter.ts'
import { ItemList } from './range-items.ts'
import type { StoredPlace } from './starting-place.ts'

export interface TallyItem {
  readonly offset: number
  readonly rows: readonly AcceptedEventsRow[]
  /** A copy of the record's bytes, with why they are no tally. */
  readonly bytes: Buffer
  readonly problem: string | undefined
  readonly appendedAt: number
}

/** Records of one insert batch: each holds up to 500 counts. */
export const tallyRecordsMax = 500

/** Moves the topic of the books into the table, under the same protocol as events. */
export class TallyPartition implements PartitionWork<ItemList<TallyItem>> {
  readonly #inserter: RangeInserter

  constructor(options: { readonly inserter: RangeInserter }) {
    this.#inserter = options.inserter
  }

  newItems(): ItemList<TallyItem> {
    return new ItemList(readItem)
  }

  /** A repeat needs no rule: of the same totals twice the greater is right, in whatever order they came. */
  async store({ items }: InsertBatch<ItemList<TallyItem>>, claim: RangeClaim): Promise<StoredRange> {
    await this.#inserter.insertAcceptedEvents(
      claim,
      items.all.flatMap(({ rows }) => rows),
    )
    const letters = items.all.flatMap((item) =>
      item.problem === undefined ? [] : [letterOf(item, item.problem, claim)],
    )
    await this.#inserter.insertDeadLetters(claim, letters)
    return { raw: claim.intent.raw, repeats: 0 }
  }

  async storeRefused({ all }: ItemList<TallyItem>, cause: unknown, claim: RangeClaim): Promise<StoredRange> {
    const letters = all.map((item) => letterOf(item, describeError(cause), claim))
    await this.#inserter.insertDeadLetters(claim, letters)
    return { raw: claim.intent.raw, repeats: 0 }
  }

  /** The rows do not tell: what is retained is read again, and changes nothing. */
  storedPlace(): Promise<StoredPlace> {
    return Promise.resolve({ offset: -1, raw: -1 })
  }
}

function readItem({ offset, value, appendedAt }: LogRecord): TallyItem {
  const bytes = Buffer.from(value)
  const item = { offset, bytes, appendedAt }
  try {
    return { ...item, rows: rowsOf(value, appendedAt), problem: undefined }
  } catch (error) {
    if (!(error instanceof UndecodableRecordError)) throw error
    return { ...item, rows: [], problem: describeError(error) }
  }
}

function rowsOf(value: Buffer, appendedAt: number): AcceptedEventsRow[] {
  const { counterId, counts } = decodeTally(value)
  const countedAt = Math.min(2 ** 32 - 1, Math.max(0, Math.floor(appendedAt / 1000)))
  return counts.map(([page, site, minute, kafkaPartition, accepted, lastRawOffset]) => {
    return { site, minute, kafkaPartition, counterId, page, accepted, lastRawOffset, countedAt }
  })
}

function letterOf({ bytes, appendedAt, offset }: TallyItem, cause: string, claim: RangeClaim) {
  const place = { kafkaPartition: claim.place.partition, kafkaOffset: offset }
  return deadLetterRow({ cause, record: bytes, appendedAt, topic: topics.books }, place)
}
