import type { Assignment } from '@millrace/log'
import { isRetriable, retry } from '@millrace/runtime'
import {
  collectInsertBatch,
  nextDueAt,
  refetchInsertBatch,
  type InsertBatch,
  type InsertBatchLimits,
} from './insert-batch.ts'
import type { Intent } from './intent.ts'
import type { InternalEvents } from './internal-events.ts'
import { commit, RangeClaim, type RetryDelays } from './range-claim.ts'
import { isRefusal } from './range-inserter.ts'
import type { RangeItems } from './range-items.ts'
import { startingPlace, type StoredPlace } from './starting-place.ts'

/** What became of a range. */
export interface StoredRange {
  /** The greatest raw offset up to its end. */
  readonly raw: number
  /** Records that were passed over: their raw records came before. */
  readonly repeats: number
}

/** What the records of one partition become, while one member owns it. */
export interface PartitionWork<Items extends RangeItems<Items>> {
  /** Empty, for the records of the next range. */
  newItems(): Items
  /**
   * Stores the rows of exactly these records; the same range again stores nothing twice.
   * @throws StoreError `DATA_REFUSED` or `BATCH_TOO_LARGE` for the rows themselves; the range is then stored in parts
   */
  store(batch: InsertBatch<Items>, claim: RangeClaim): Promise<StoredRange>
  /** Books the only record of a range, whose row was refused by itself. */
  storeRefused(items: Items, cause: unknown, claim: RangeClaim): Promise<StoredRange>
  /** Asked when the group has no position of ours. */
  storedPlace(partition: number): Promise<StoredPlace>
}

export interface PartitionLoopOptions {
  readonly limits: InsertBatchLimits
  /** What to do when retention passed the position. */
  readonly lostRecords: 'stop' | 'skip'
  /** Milliseconds, monotonic. */
  readonly now: () => number
  readonly internalEvents: InternalEvents
  readonly retryDelays: RetryDelays
}

/**
 * Stores one partition exactly once, until it is taken away:
 * commit the intent, insert exactly its range, and let the next intent (or, when idle, a plain commit) say that it is done.
 * A range that was begun by a predecessor is fetched and inserted again first, under the same tokens.
 * Ends without an error where the store failed and the partition was taken away: the successor finds the intent.
 * @throws PartitionLostError
 */
export async function runPartition<Items extends RangeItems<Items>>(
  assignment: Assignment,
  work: PartitionWork<Items>,
  options: PartitionLoopOptions,
): Promise<void> {
  try {
    await new PartitionRun(assignment, work, options).run()
  } catch (error) {
    if (!assignment.signal.aborted || !isRetriable(error)) throw error
    const { topic, partition } = assignment
    options.internalEvents.rangeLeftToSuccessor({ topic, partition, error })
  } finally {
    options.internalEvents.partitionGivenUp(assignment)
  }
}

class PartitionRun<Items extends RangeItems<Items>> {
  readonly #assignment: Assignment
  readonly #work: PartitionWork<Items>
  readonly #options: PartitionLoopOptions
  /** Everything below is stored, and `#raw` is the greatest raw offset of it. */
  #next = 0
  #raw = -1
  /** Whether the group knows only the intent of the last range, not yet its end. */
  #isEndUncommitted = false
  /** Rows up to this offset may be stored under the token of a range that was refused as a whole. */
  #splitUntil = -1
  /** When the next batch is cut at the earliest, if it is not full; `now`'s. */
  #dueAt = -Infinity

  constructor(assignment: Assignment, work: PartitionWork<Items>, options: PartitionLoopOptions) {
    this.#assignment = assignment
    this.#work = work
    this.#options = options
  }

  async run(): Promise<void> {
    const intent = await this.#start()
    if (intent !== undefined) await this.#replay(intent)
    while (!this.#assignment.signal.aborted) {
      const batch = await collectInsertBatch(this.#assignment, {
        ...this.#options,
        items: this.#work.newItems(),
        dueAt: this.#dueAt,
      })
      if (batch === undefined) await this.#commitEnd()
      else await this.#storeNext(batch)
      this.#reportProgress()
    }
    await this.#commitEnd()
  }

  async #storeNext(batch: InsertBatch<Items>): Promise<void> {
    const { now, limits } = this.#options
    const cutAt = now()
    await this.#storeRange(batch)
    this.#dueAt = nextDueAt({ cutAt, storedAt: now() }, limits)
  }

  async #start(): Promise<Intent | undefined> {
    const { internalEvents, lostRecords, retryDelays } = this.#options
    const { topic, partition, signal } = this.#assignment
    const place = await startingPlace(this.#assignment, {
      lostRecords,
      storedPlace: () =>
        retry(() => this.#work.storedPlace(partition), {
          ...retryDelays,
          signal,
          onRetry: (error) => internalEvents.storeRetried({ topic, partition, error }),
        }),
    })
    this.#next = place.next
    this.#raw = place.raw
    this.#splitUntil = place.split ?? -1
    this.#assignment.seek(place.next)
    internalEvents.partitionTaken({ topic, partition, ...place })
    this.#reportProgress()
    return place.intent
  }

  async #replay(intent: Intent): Promise<void> {
    const batch = await refetchInsertBatch(this.#assignment, intent, {
      ...this.#options,
      items: this.#work.newItems(),
    })
    if (batch !== undefined) await this.#storeRange(batch)
  }

  async #storeRange(batch: InsertBatch<Items>): Promise<void> {
    const claim = this.#claim(batch)
    await claim.confirm()
    this.#isEndUncommitted = true
    const stored = await this.#storedWhole(batch, claim)
    if (stored === undefined) {
      await this.#storeInParts(batch)
      return
    }
    this.#next = batch.last + 1
    this.#raw = stored.raw
    const { topic, partition } = this.#assignment
    this.#options.internalEvents.rangeStored({ topic, partition, repeats: stored.repeats })
  }

  /** @returns undefined when the rows were refused, so that the range has to be stored in parts */
  async #storedWhole(batch: InsertBatch<Items>, claim: RangeClaim): Promise<StoredRange | undefined> {
    try {
      return await this.#work.store(batch, claim)
    } catch (error) {
      if (!isRefusal(error)) throw error
      if (batch.items.length !== 1) return undefined
      return await this.#work.storeRefused(batch.items, error, claim)
    }
  }

  /** Halves the range until a refused row is alone; each part is a range with an intent of its own. */
  async #storeInParts(batch: InsertBatch<Items>): Promise<void> {
    const { first, last, items } = batch
    this.#splitUntil = Math.max(this.#splitUntil, last)
    const middle = items.length >> 1
    const secondFirst = items.offsetAt(middle)
    await this.#storeRange({ first, last: secondFirst - 1, items: items.slice(0, middle) })
    await this.#storeRange({ first: secondFirst, last, items: items.slice(middle) })
  }

  #claim({ first, last }: InsertBatch<Items>): RangeClaim {
    const { internalEvents, now, retryDelays } = this.#options
    const { topic, partition } = this.#assignment
    const intent = { first, last, raw: this.#raw, ...this.#splitFrom(first) }
    const onRetry = (error: unknown) => internalEvents.commitRetried({ topic, partition, error })
    return new RangeClaim(this.#assignment, intent, { now, onRetry, retryDelays })
  }

  #splitFrom(offset: number): { readonly split?: number } {
    return offset <= this.#splitUntil ? { split: this.#splitUntil } : {}
  }

  async #commitEnd(): Promise<void> {
    if (!this.#isEndUncommitted) return
    const { internalEvents, retryDelays } = this.#options
    const { topic, partition } = this.#assignment
    await commit(
      this.#assignment,
      { offset: this.#next, metadata: { raw: this.#raw, ...this.#splitFrom(this.#next) } },
      { retryDelays, onRetry: (error) => internalEvents.commitRetried({ topic, partition, error }) },
    )
    this.#isEndUncommitted = false
  }

  #reportProgress(): void {
    const { topic, partition } = this.#assignment
    const high = this.#assignment.highWatermark()
    this.#options.internalEvents.partitionProgressed({ topic, partition, next: this.#next, high })
  }
}
