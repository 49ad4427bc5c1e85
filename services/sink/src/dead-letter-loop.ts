import type { DeadLetterRow, Store } from '@millrace/clickhouse'
import { decodeDeadLetter, topics, UndecodableRecordError } from '@millrace/events'
import type { LogRecord } from '@millrace/log'
import { describeError } from '@millrace/runtime'
import { deadLetterRow } from './enriched-item.ts'
import type { InsertBatch } from './insert-batch.ts'
import type { PartitionWork, StoredRange } from './partition-loop.ts'
import type { RangeClaim } from './range-claim.ts'
import type { RangeInserter } from './range-inserter.ts'
import { ItemList } from './range-items.ts'
import { RawOrder } from './raw-order.ts'
import type { StoredPlace } from './starting-place.ts'

export interface DeadLetterItem {
  readonly offset: number
  /** Grows along the partition where records are no repeats; undefined where the record does not tell. */
  readonly rawOffset: number | undefined
  readonly row: DeadLetterRow
}

/** Moves one partition of the dead-letter topic into the table, under the same protocol as events. */
export class DeadLetterPartition implements PartitionWork<ItemList<DeadLetterItem>> {
  readonly #partition: number
  readonly #inserter: RangeInserter
  readonly #store: Pick<Store, 'query'>
  readonly #database: string

  constructor(options: {
    readonly partition: number
    readonly inserter: RangeInserter
    readonly store: Pick<Store, 'query'>
    readonly database: string
  }) {
    this.#partition = options.partition
    this.#inserter = options.inserter
    this.#store = options.store
    this.#database = options.database
  }

  newItems(): ItemList<DeadLetterItem> {
    return new ItemList((record) => this.#read(record))
  }

  async store(batch: InsertBatch<ItemList<DeadLetterItem>>, claim: RangeClaim): Promise<StoredRange> {
    const order = new RawOrder(claim.intent.raw)
    const { fresh, passedOver } = order.split(batch.items.all)
    await this.#inserter.insertDeadLetters(
      claim,
      fresh.map(({ row }) => row),
    )
    return { raw: order.raw, repeats: passedOver.length }
  }

  storeRefused(): Promise<StoredRange> {
    return Promise.reject(new Error('bug: a dead letter is never refused by itself'))
  }

  /** The table knows the letters' records, not the letters' own places: those are read again and found stored. */
  async storedPlace(partition: number): Promise<StoredPlace> {
    const [place] = await this.#store.query<{ raw: string }>(
      `SELECT if(count() = 0, -1, toInt64(max(kafka_offset))) AS raw FROM ${this.#database}.dead_letters
       WHERE topic = '${topics.raw}' AND kafka_partition = ${partition}`,
    )
    return { offset: -1, raw: Number(place?.raw ?? -1) }
  }

  /**
   * The raw offset is that of the letter's record where the letter lies in the partition of the same number, as the enricher
   * writes it with equal partition counts: then a letter that was written twice is stored once.
   */
  #read({ offset, value, appendedAt }: LogRecord): DeadLetterItem {
    try {
      const letter = decodeDeadLetter(value)
      const { cause, stage, topic, partition } = letter
      const isOrdered = topic === topics.raw && partition === this.#partition
      const row = {
        timestamp: seconds(letter.failedAt),
        stage,
        cause,
        record: Buffer.from(letter.record, 'base64'),
        topic,
        kafkaPartition: partition,
        kafkaOffset: letter.offset,
      }
      return { offset, rawOffset: isOrdered ? letter.offset : undefined, row }
    } catch (error) {
      if (!(error instanceof UndecodableRecordError)) throw error
      const letter = {
        cause: describeError(error),
        record: Buffer.from(value),
        appendedAt,
        topic: topics.deadLetter,
      }
      const place = { kafkaPartition: this.#partition, kafkaOffset: offset }
      return { offset, rawOffset: undefined, row: deadLetterRow(letter, place) }
    }
  }
}

function seconds(ms: number): number {
  return Math.min(2 ** 32 - 1, Math.max(0, Math.floor(ms / 1000)))
}
