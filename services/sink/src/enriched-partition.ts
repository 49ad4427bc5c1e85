import type { EventRow } from '@millrace/clickhouse'
import type { EnrichedEvent } from '@millrace/events'
import { describeError, isRetriable, retry } from '@millrace/runtime'
import type { StoredSession } from '@millrace/sessions'
import { deadLetterRow, decodeEnrichedItem, type EnrichedItem } from './enriched-item.ts'
import type { InsertBatch } from './insert-batch.ts'
import { bytesOf, KeptRecords, RecordSlabs } from './kept-records.ts'
import type { PartitionWork, StoredRange } from './partition-loop.ts'
import { PartitionRepeats, type RangeQuestions, type RepeatLimits } from './partition-repeats.ts'
import { PartitionSessions, type PartitionSessionsOptions } from './partition-sessions.ts'
import type { RangeClaim, RetryDelays } from './range-claim.ts'
import type { RangeInserter } from './range-inserter.ts'
import type { RangeRepeats } from './range-repeats.ts'
import { addItems, RangeRows } from './range-rows.ts'
import { RawOrder } from './raw-order.ts'
import type { RepeatHistory } from './repeat-recovery.ts'
import type { StoredPlace } from './starting-place.ts'

/** So few are decoded at once that none of them outlives the garbage collector's first look. */
const decodedMaxDefault = 1_000
/** So many times as many where each turn asks ClickHouse: a question takes much the same time for few visitors and for many. */
const decodedFactorWhereAsked = 20

export interface EnrichedPartitionOptions extends PartitionSessionsOptions {
  readonly inserter: RangeInserter
  /** Absent: what clients repeat is stored again. */
  readonly repeats?: { readonly history: RepeatHistory; readonly limits: RepeatLimits }
  readonly retryDelays: RetryDelays
  /** The most records that are decoded at once. Default 1,000. */
  readonly decodedMax?: number | undefined
}

/** A range as its records have been read so far. */
interface RangeProgress {
  readonly rows: RangeRows
  readonly order: RawOrder
  repeats: RangeRepeats | undefined
  /** Of its events: the greatest timestamp in Unix seconds, and the greatest received time in Unix milliseconds. */
  newest: number
  newestReceivedAt: number
}

/** What is done with event rows as they are made, and which of them are stored already, by offset. */
interface EventRowsTaker {
  readonly stored: ReadonlyMap<number, StoredSession>
  readonly take: (rows: readonly EventRow[]) => void
}

/**
 * One partition of enriched records in the hands of this member: decode, drop repeats of clients, assign sessions, insert.
 * The sessions in memory advance with a range as it is inserted. Where an insert is given up the assignment ends, and this
 * object with it; where rows are refused the sessions are rebuilt from what is stored. The memory of what clients sent
 * advances when a range is stored, so nothing of it has to be taken back.
 */
export class EnrichedPartition implements PartitionWork<KeptRecords> {
  readonly #options: EnrichedPartitionOptions
  readonly #slabs = new RecordSlabs()
  readonly #sessions: PartitionSessions
  readonly #repeats: PartitionRepeats | undefined

  constructor(options: EnrichedPartitionOptions) {
    this.#options = options
    const { repeats } = options
    this.#sessions = new PartitionSessions(options)
    this.#repeats = repeats === undefined ? undefined : new PartitionRepeats({ ...options, ...repeats })
  }

  newItems(): KeptRecords {
    return new KeptRecords(this.#slabs)
  }

  storedPlace(partition: number): Promise<StoredPlace> {
    return this.#options.history.storedPlace(partition)
  }

  async store(batch: InsertBatch<KeptRecords>, claim: RangeClaim): Promise<StoredRange> {
    try {
      const isPart = claim.intent.split !== undefined
      const range = isPart ? undefined : await this.#storeInBlocks(batch, claim)
      return this.#stored(range ?? (await this.#storeInLayers(batch, claim)), claim)
    } catch (error) {
      if (!isRetriable(error)) this.#sessions.discard()
      throw error
    }
  }

  async storeRefused(records: KeptRecords, cause: unknown, claim: RangeClaim): Promise<StoredRange> {
    const { partition, topic } = claim.place
    const record = records.at(0)
    const { offset, appendedAt, rawOffset = -1 } = decodeEnrichedItem(record)
    const letter = { cause: describeError(cause), record: bytesOf(record), topic, appendedAt }
    const row = deadLetterRow(letter, { kafkaPartition: partition, kafkaOffset: offset })
    await this.#options.inserter.insertDeadLetters(claim, [row])
    this.#options.internalEvents.rowRefused({ ...claim.place, offset, error: cause })
    return { raw: Math.max(claim.intent.raw, rawOffset), repeats: 0 }
  }

  /** Called when the assignment has ended. */
  close(partition: number): void {
    this.#sessions.discard()
    this.#options.internalEvents.sessionsRemembered({ partition, sessions: undefined })
    this.#options.internalEvents.clientIdsRemembered({ partition, ids: undefined })
  }

  /**
   * The usual way: event rows go into the blocks of their months as they are made.
   * @returns undefined, with nothing inserted, when the rows of a month may have to go in several layers
   */
  async #storeInBlocks(
    batch: InsertBatch<KeptRecords>,
    claim: RangeClaim,
  ): Promise<RangeProgress | undefined> {
    const { inserter } = this.#options
    const blocks = inserter.monthBlocks()
    const range = await this.#read(batch, claim, { stored: new Map(), take: (rows) => blocks.append(rows) })
    if (range.rows.mayHaveLayers && blocks.entries().length > 1) {
      this.#sessions.discard()
      return undefined
    }
    await inserter.insertBlocks(claim, blocks)
    await this.#insertOthers(range, claim)
    return range
  }

  /** Of a range that goes in parts, months may be stored under the token of the whole. */
  async #storeInLayers(batch: InsertBatch<KeptRecords>, claim: RangeClaim): Promise<RangeProgress> {
    const { inserter, history } = this.#options
    const stored =
      claim.intent.split === undefined
        ? new Map<number, StoredSession>()
        : await this.#asked(claim, () => history.storedSessions(claim.place.partition, batch))
    const events: EventRow[] = []
    const range = await this.#read(batch, claim, { stored, take: (rows) => events.push(...rows) })
    await inserter.insertEvents(claim, events, new Set(stored.keys()))
    await this.#insertOthers(range, claim)
    return range
  }

  /** Decodes the records some at a time, assigns sessions, and hands the rows of events on. */
  async #read(
    { items }: InsertBatch<KeptRecords>,
    claim: RangeClaim,
    { stored, take }: EventRowsTaker,
  ): Promise<RangeProgress> {
    const { decodedMax = decodedMaxDefault, wallClock, sessions } = this.#options
    const { inactivityGapS } = sessions
    const { partition } = claim.place
    const ingestedAt = Math.floor(wallClock() / 1000)
    const range = progressFrom(claim.intent.raw)
    const questions = this.#questions(claim)
    for (let at = 0; at < items.length;) {
      if (at > 0) await nextTurn() // other partitions' requests and heartbeats go on between
      const count = this.#sessions.hasAsked ? decodedMax * decodedFactorWhereAsked : decodedMax
      const decoded: EnrichedItem[] = []
      for (const end = Math.min(at + count, items.length); at < end; at++)
        decoded.push(decodeEnrichedItem(items.at(at)))
      const split = range.order.split(decoded)
      const events = eventsOf(split.fresh)
      noteNewest(range, events)
      range.repeats = await this.#repeats?.ofRange(events, questions, range.repeats)
      const fold = await this.#sessions.foldFor(events, questions)
      const { repeats } = range
      const state = { partition, ingestedAt, inactivityGapS, fold, repeats, stored }
      take(addItems(range.rows, split, state))
    }
    return range
  }

  /**
   * In this order, after the events, as events and drops can be refused: stored events are found again by their offsets,
   * and what cannot be refused comes last.
   */
  async #insertOthers({ rows }: RangeProgress, claim: RangeClaim): Promise<void> {
    const { inserter } = this.#options
    await inserter.insertDrops(claim, rows.drops)
    await inserter.insertDeadLetters(claim, rows.deadLetters)
    await inserter.insertPassedOver(claim, rows.passedOver)
  }

  #stored(range: RangeProgress, claim: RangeClaim): StoredRange {
    const { internalEvents } = this.#options
    const { partition } = claim.place
    this.#sessions.forgetBehind(range.newest)
    if (range.repeats !== undefined) this.#repeats?.advance(partition, range.repeats)
    internalEvents.eventsStored({ newestReceivedAt: range.newestReceivedAt })
    internalEvents.sessionsRemembered({ partition, sessions: this.#sessions.size })
    return { raw: range.order.raw, repeats: range.rows.passedOver.length }
  }

  #questions(claim: RangeClaim): RangeQuestions {
    const rows = { partition: claim.place.partition, below: claim.intent.first }
    return { rows, ask: (question) => this.#asked(claim, question) }
  }

  #asked<Answer>(claim: RangeClaim, question: () => Promise<Answer>): Promise<Answer> {
    return retry(question, {
      ...this.#options.retryDelays,
      signal: claim.signal,
      onRetry: (error) => this.#options.internalEvents.storeRetried({ ...claim.place, error }),
    })
  }
}

/** By the global timer, which a simulation replaces. */
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

function progressFrom(raw: number): RangeProgress {
  const order = new RawOrder(raw)
  return { rows: new RangeRows(), order, repeats: undefined, newest: 0, newestReceivedAt: 0 }
}

function eventsOf(items: readonly EnrichedItem[]): EnrichedEvent[] {
  const events: EnrichedEvent[] = []
  for (const item of items) if (item.kind === 'event') events.push(item.event)
  return events
}

function noteNewest(range: RangeProgress, events: readonly EnrichedEvent[]): void {
  for (const { timestamp, receivedAt } of events) {
    if (timestamp > range.newest) range.newest = timestamp
    if (receivedAt > range.newestReceivedAt) range.newestReceivedAt = receivedAt
  }
}
