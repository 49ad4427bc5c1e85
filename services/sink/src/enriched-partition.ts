import { encodeEnrichedRecord, type EnrichedEvent } from '@millrace/events'
import type { LogRecord } from '@millrace/log'
import { describeError, isRetriable, retry, unreachable } from '@millrace/runtime'
import { SessionFold, type SessionFoldOptions, type StoredSession } from '@millrace/sessions'
import { deadLetterRow, decodeEnrichedItem, type EnrichedItem } from './enriched-item.ts'
import type { InsertBatch } from './insert-batch.ts'
import type { InternalEvents } from './internal-events.ts'
import type { FreshBatch, PartitionWork } from './partition-loop.ts'
import { PartitionRepeats, type RangeQuestions, type RepeatLimits } from './partition-repeats.ts'
import type { RangeClaim, RetryDelays } from './range-claim.ts'
import type { RangeInserter } from './range-inserter.ts'
import { rangeRows, type RangeRows } from './range-rows.ts'
import type { RepeatHistory } from './repeat-recovery.ts'
import type { SessionHistory, StoredRows } from './session-recovery.ts'
import type { StoredPlace } from './starting-place.ts'

export interface SessionLimits {
  readonly inactivityGapS: number
  /** How long after its inactivity gap a session stays in memory, seconds of event time. */
  readonly latenessS: number
  /** The most sessions of a partition in memory between insert batches. */
  readonly sessionsMax: number
}

export interface EnrichedPartitionOptions {
  readonly inserter: RangeInserter
  readonly history: SessionHistory
  readonly sessions: SessionLimits
  /** Absent: what clients repeat is stored again. */
  readonly repeats?: { readonly history: RepeatHistory; readonly limits: RepeatLimits }
  readonly internalEvents: InternalEvents
  readonly retryDelays: RetryDelays
  /** Milliseconds, monotonic. */
  readonly now: () => number
  /** Milliseconds since the epoch. */
  readonly wallClock: () => number
}

/** A rebuild looks back no further than this from the newest event at hand: events of an import may be years old. Seconds. */
const rebuildSpanSMax = 86_400
/** The share of a range's events that may be older than what a rebuild reads; those are looked up. */
const rebuildEarlyShare = 0.05

/**
 * One partition of enriched records in the hands of this member: decode, drop repeats of clients, assign sessions, insert.
 * The sessions in memory advance with a range as it is inserted. Where an insert is given up the assignment ends, and this
 * object with it; where rows are refused the sessions are rebuilt from what is stored. The memory of what clients sent
 * advances when a range is stored, so nothing of it has to be taken back.
 */
export class EnrichedPartition implements PartitionWork<EnrichedItem> {
  readonly #options: EnrichedPartitionOptions
  readonly #repeats: PartitionRepeats | undefined
  #fold: SessionFold | undefined

  constructor(options: EnrichedPartitionOptions) {
    this.#options = options
    const { repeats } = options
    this.#repeats = repeats === undefined ? undefined : new PartitionRepeats({ ...options, ...repeats })
  }

  decode(record: LogRecord): EnrichedItem {
    return decodeEnrichedItem(record)
  }

  storedPlace(partition: number): Promise<StoredPlace> {
    return this.#options.history.storedPlace(partition)
  }

  async store(batch: FreshBatch<EnrichedItem>, claim: RangeClaim): Promise<void> {
    const { partition } = claim.place
    const stored = await this.#storedSessions(batch, claim)
    const events = batch.items.flatMap((item) => (item.kind === 'event' ? [item.event] : []))
    const horizon = this.#horizon(events)
    try {
      const repeats = await this.#repeats?.ofRange(events, this.#questions(claim))
      const fold = await this.#foldFor(events, { horizon, claim })
      const ingestedAt = Math.floor(this.#options.wallClock() / 1000)
      await this.#insert(rangeRows(batch, { partition, ingestedAt, fold, repeats, stored }), claim)
      fold.forget(horizon)
      if (repeats !== undefined) this.#repeats?.advance(partition, repeats)
    } catch (error) {
      if (!isRetriable(error)) this.#fold = undefined
      throw error
    }
    this.#report(partition, events)
  }

  async storeRefused(item: EnrichedItem, cause: unknown, claim: RangeClaim): Promise<void> {
    const { partition, topic } = claim.place
    const letter = { cause: describeError(cause), record: bytesOf(item), topic, appendedAt: item.appendedAt }
    const row = deadLetterRow(letter, { kafkaPartition: partition, kafkaOffset: item.offset })
    await this.#options.inserter.insertDeadLetters(claim, [row])
    this.#options.internalEvents.rowRefused({ ...claim.place, offset: item.offset, error: cause })
  }

  /** Called when the assignment has ended. */
  close(partition: number): void {
    this.#fold = undefined
    this.#options.internalEvents.sessionsRemembered({ partition, sessions: undefined })
    this.#options.internalEvents.clientIdsRemembered({ partition, ids: undefined })
  }

  /** Of a range that goes in parts, months may be stored under the token of the whole. */
  async #storedSessions(
    batch: InsertBatch<EnrichedItem>,
    claim: RangeClaim,
  ): Promise<ReadonlyMap<number, StoredSession>> {
    if (claim.intent.split === undefined) return new Map()
    const { partition } = claim.place
    return this.#asked(claim, () => this.#options.history.storedSessions(partition, batch))
  }

  /**
   * Up to which time sessions may be forgotten after these events. The clock bounds it, so that a wrong timestamp in the
   * future costs no memory of the present; a choice of memory against look-ups, without effect on the result.
   */
  #horizon(events: readonly EnrichedEvent[]): number {
    const { sessions, wallClock } = this.#options
    const newest = events.reduce((latest, { timestamp }) => Math.max(latest, timestamp), 0)
    const now = Math.floor(wallClock() / 1000)
    return Math.min(newest, now) - sessions.inactivityGapS - sessions.latenessS
  }

  /** The sessions before this range, as far as its events can belong to them. */
  async #foldFor(
    events: readonly EnrichedEvent[],
    { horizon, claim }: { readonly horizon: number; readonly claim: RangeClaim },
  ): Promise<SessionFold> {
    if (events.length > 0) this.#fold ??= await this.#rebuilt(this.#rebuildFrom(events, horizon), claim)
    const fold = this.#fold ?? new SessionFold({ ...this.#options.sessions, knownFrom: Infinity })
    const early = events.filter((event) => fold.mustRecall(event))
    if (early.length > 0) await this.#recall(fold, early, claim)
    return fold
  }

  /**
   * After a pause a range reaches far back: from its first events on, so that few of them need look-ups, within bounds.
   * A choice of one query against many, without effect on the result.
   */
  #rebuildFrom(events: readonly EnrichedEvent[], horizon: number): number {
    const { inactivityGapS } = this.#options.sessions
    const times = Float64Array.from(events, ({ timestamp }) => timestamp).sort()
    const early = times[Math.floor(times.length * rebuildEarlyShare)] ?? Infinity
    return Math.min(horizon, Math.max(early - inactivityGapS, horizon - rebuildSpanSMax))
  }

  async #rebuilt(knownFrom: number, claim: RangeClaim): Promise<SessionFold> {
    const { history, sessions, now, internalEvents } = this.#options
    const { partition } = claim.place
    const startedAt = now()
    const fold = await this.#asked(claim, () => {
      const rows = { partition, below: claim.intent.first }
      return restoredFold(history, rows, { ...sessions, knownFrom })
    })
    internalEvents.sessionsRebuilt({ partition, sessions: fold.size, ms: now() - startedAt })
    return fold
  }

  async #recall(fold: SessionFold, events: readonly EnrichedEvent[], claim: RangeClaim): Promise<void> {
    const { history, sessions, internalEvents } = this.#options
    const userIds = new Set<string>()
    const sites = new Set<string>()
    let [from, to] = [Infinity, -Infinity]
    for (const { userId, previousUserId, site, timestamp } of events) {
      userIds.add(userId).add(previousUserId)
      sites.add(site)
      from = Math.min(from, timestamp - sessions.inactivityGapS)
      to = Math.max(to, timestamp + sessions.inactivityGapS)
    }
    const rows = { partition: claim.place.partition, below: claim.intent.first }
    const query = { userIds: [...userIds], sites: [...sites], from, to }
    fold.restore(await this.#asked(claim, () => history.ofVisitors(rows, query)))
    internalEvents.eventsRecalled(events.length)
  }

  /**
   * In this order, as events and drops can be refused: stored events are found again by their offsets, and what
   * cannot be refused comes last.
   */
  async #insert(rows: RangeRows, claim: RangeClaim): Promise<void> {
    const { inserter } = this.#options
    await inserter.insertEvents(claim, rows.events, rows.storedEvents)
    await inserter.insertDrops(claim, rows.drops)
    await inserter.insertDeadLetters(claim, rows.deadLetters)
    await inserter.insertPassedOver(claim, rows.passedOver)
  }

  #report(partition: number, events: readonly EnrichedEvent[]): void {
    const { internalEvents } = this.#options
    const newestReceivedAt = events.reduce((latest, { receivedAt }) => Math.max(latest, receivedAt), 0)
    internalEvents.eventsStored({ newestReceivedAt })
    internalEvents.sessionsRemembered({ partition, sessions: this.#fold?.size ?? 0 })
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

/** A fold that knows the stored sessions from `knownFrom` on, or as far back as there is room for. */
async function restoredFold(
  history: SessionHistory,
  rows: StoredRows,
  options: SessionFoldOptions,
): Promise<SessionFold> {
  const { knownFrom: from, sessionsMax } = options
  const fold = new SessionFold(options)
  let count = 0
  let oldest = Infinity
  await history.since(rows, { from, sessionsMax }, (sessions) => {
    fold.restore(sessions)
    count += sessions.length
    for (const { lastActivity } of sessions) oldest = Math.min(oldest, lastActivity)
  })
  // At the limit, sessions as old as the oldest one found may be missing.
  if (count >= sessionsMax) fold.doubtBefore(oldest + 1)
  return fold
}

function bytesOf(item: EnrichedItem): Buffer {
  switch (item.kind) {
    case 'event':
      return encodeEnrichedRecord(item.event)
    case 'drop':
      return encodeEnrichedRecord(item.drop)
    case 'undecodable':
      return item.bytes
    default:
      return unreachable(item)
  }
}
