import type {
  DeadLetterRow,
  DroppedEventRow,
  EventRow,
  InsertBatch,
  PassedOverRow,
  RowBlock,
  Store,
  Table,
} from '@millrace/clickhouse'
import { StoreError } from '@millrace/clickhouse'
import { RowList } from '@millrace/clickhouse/testing'
import { topics } from '@millrace/events'
import { PartitionLostError, type Assignment, type CommittedPosition, type LogRecord } from '@millrace/log'
import { createLogger, Metrics } from '@millrace/runtime'
import { firstTouchOf, type StoredSession } from '@millrace/sessions'
import { fingerprintOf } from './client-event.ts'
import { receivedSecond } from './enriched-item.ts'
import { InternalEvents } from './internal-events.ts'
import type { RepeatHistory } from './repeat-recovery.ts'
import type { SessionHistory, StoredRows } from './session-recovery.ts'

export { readConfig, type SinkConfig } from './config.ts'
export { EnrichedPartition } from './enriched-partition.ts'
export { InternalEvents } from './internal-events.ts'
export { RawOrder } from './raw-order.ts'
export type { RepeatHistory } from './repeat-recovery.ts'
export type { SessionHistory } from './session-recovery.ts'
export { runConsumers } from './sink.ts'

/** A process that is killed: nothing after it runs. */
export class Crash extends Error {
  override readonly name = 'Crash'
}

/**
 * What happens to one commit or insert:
 * - `crash before` / `crash after`: the process ends before the request has arrived / before its answer has;
 * - `fail before` / `fail after`: a retriable error, and the request has not / has been carried out;
 * - `late`: the process ends, and the request is carried out when a successor is at work.
 */
export type Fault = 'none' | 'crash before' | 'crash after' | 'fail before' | 'fail after' | 'late'

/** Carries out a request under a fault. */
export function underFault(fault: Fault, request: () => void, late: (request: () => void) => void): void {
  switch (fault) {
    case 'none':
      request()
      return
    case 'crash before':
      throw new Crash(fault)
    case 'crash after':
      request()
      throw new Crash(fault)
    case 'fail before':
      throw new StoreError(fault, { code: 'STORE_UNAVAILABLE' })
    case 'fail after':
      request()
      throw new StoreError(fault, { code: 'STORE_UNAVAILABLE' })
    case 'late':
      late(request)
      throw new Crash(fault)
  }
}

/** One partition of a log and its group's position; each `assign` fences the member before. */
export class FakePartition {
  readonly records: LogRecord[]
  committed: CommittedPosition | undefined
  readonly commits: CommittedPosition[] = []
  nextFault: () => Fault = () => 'none'
  /** Records of the next fetch. */
  nextFetchSize: () => number = () => 10
  low = 0
  #generation = 0

  constructor(values: readonly Buffer[]) {
    this.records = values.map((value, offset) => ({
      offset,
      key: null,
      value,
      appendedAt: 1_700_000_000_000 + offset,
    }))
  }

  /** An assignment that is revoked when it has nothing more to fetch, or by `revoke`. */
  assign(topic: string = topics.enriched): Assignment & { revoke(): void } {
    const generation = ++this.#generation
    const controller = new AbortController()
    const { committed, low, records } = this
    let position = committed?.offset ?? low
    return {
      topic,
      partition: 3,
      committed,
      watermarks: { partition: 3, low, high: records.length },
      signal: controller.signal,
      seek: (offset) => {
        position = offset
      },
      fetch: async ({ recordsMax }) => {
        await Promise.resolve()
        if (controller.signal.aborted) return []
        const fetched = records.slice(position, position + Math.min(recordsMax, this.nextFetchSize()))
        position += fetched.length
        if (fetched.length === 0) controller.abort()
        return fetched
      },
      highWatermark: () => records.length,
      pause: () => undefined,
      resume: () => undefined,
      commit: async (commit) => {
        await Promise.resolve()
        const apply = () => {
          if (generation !== this.#generation) throw new PartitionLostError('fenced')
          this.committed = commit
          this.commits.push(commit)
        }
        // A late commit of a fenced member is refused: nothing comes of it.
        underFault(this.nextFault(), apply, () => undefined)
      },
      revoke: () => controller.abort(),
    }
  }
}

/** Tables in memory: a token that is known stores nothing, an insert is stored whole or not at all. */
export class FakeStore implements Pick<Store, 'insert' | 'block' | 'insertBlock'> {
  readonly events: EventRow[] = []
  readonly drops: DroppedEventRow[] = []
  readonly deadLetters: DeadLetterRow[] = []
  readonly passedOver: PassedOverRow[] = []
  readonly inserts: { readonly table: string; readonly token: string; readonly rows: number }[] = []
  nextFault: () => Fault = () => 'none'
  isRefused: (row: EventRow) => boolean = () => false
  readonly #tokens = new Set<string>()
  #late: (() => void)[] = []

  async insert<Row>(batch: InsertBatch<Row>): Promise<void> {
    await Promise.resolve()
    underFault(
      this.nextFault(),
      () => this.land(batch),
      (request) => this.#late.push(request),
    )
  }

  block<Row>(table: Table<Row>): RowBlock<Row> {
    return new RowList(table)
  }

  insertBlock<Row>(block: RowBlock<Row>, token: string): Promise<void> {
    return this.insert({ table: block.table, rows: RowList.rowsOf(block), token })
  }

  /** What was on its way when a process ended arrives. */
  settleLate(): void {
    const late = this.#late
    this.#late = []
    for (const request of late) {
      try {
        request()
      } catch (error) {
        // A refusal, too, is an answer to nobody.
        if (!(error instanceof StoreError)) throw error
      }
    }
  }

  /** Carries an insert out, at once and without a fault. @throws StoreError when a row is refused */
  land<Row>({ table, rows, token }: InsertBatch<Row>): void {
    const isEvents = table.name === 'events'
    if (isEvents && rows.some((row) => this.isRefused(row as EventRow))) {
      throw new StoreError('a row is refused', { code: 'DATA_REFUSED' })
    }
    if (isEvents && new Set(rows.map((row) => monthOf(row as EventRow))).size > 1) {
      throw new StoreError('more than one month', { code: 'BATCH_SPANS_PARTITIONS' })
    }
    this.inserts.push({ table: table.name, token, rows: rows.length })
    const key = `${table.name} ${token}`
    if (this.#tokens.has(key)) return
    this.#tokens.add(key)
    const { events, drops: dropped_events, passedOver: passed_over, deadLetters } = this
    const target: unknown[] = { events, dropped_events, passed_over }[table.name] ?? deadLetters
    target.push(...rows)
  }
}

/** The queries of the sink over rows in memory. */
export class FakeHistory implements SessionHistory, RepeatHistory {
  readonly #store: Pick<FakeStore, 'events' | 'drops'>

  constructor(store: Pick<FakeStore, 'events' | 'drops'>) {
    this.#store = store
  }

  since: SessionHistory['since'] = (place, { from, sessionsMax }, onSessions) => {
    const sessions = sessionsOf(this.#rows(place), ({ timestamp }) => timestamp >= from)
    const newestFirst = sessions.toSorted((a, b) => b.lastActivity - a.lastActivity)
    const found = newestFirst.slice(0, sessionsMax)
    for (let at = 0; at < found.length; at += 2) onSessions(found.slice(at, at + 2))
    return Promise.resolve()
  }

  ofVisitors: SessionHistory['ofVisitors'] = (place, { userIds, sites, from, to }) => {
    const sessions = sessionsOf(this.#rows(place), (row) => {
      const isVisitor = userIds.includes(row.userId) && sites.includes(row.site)
      return isVisitor && row.timestamp >= from && row.timestamp <= to
    })
    return Promise.resolve(sessions)
  }

  storedSessions: SessionHistory['storedSessions'] = (partition, { first, last }) => {
    const rows = this.#rows({ partition, below: last + 1 }).filter((row) => row.kafkaOffset >= first)
    const sessions = rows.flatMap((row) =>
      sessionsOf([row]).map((session) => [row.kafkaOffset, session] as const),
    )
    return Promise.resolve(new Map(sessions))
  }

  fingerprints: RepeatHistory['fingerprints'] = (rows, { from, stepS, idsMax }) => {
    const newest = this.#rows(rows)
      .filter((row) => row.clientEventId !== '' && receivedSecond(row) >= from)
      .toSorted((a, b) => receivedSecond(b) - receivedSecond(a))
      .slice(0, idsMax)
    const steps = new Map<number, number[]>()
    for (const row of newest) {
      const step = Math.floor(receivedSecond(row) / stepS)
      const fingerprint = fingerprintOf(row)
      steps.set(step, [...(steps.get(step) ?? []), fingerprint])
    }
    return Promise.resolve([...steps].map(([step, fingerprints]) => ({ step, fingerprints })))
  }

  clientEvents: RepeatHistory['clientEvents'] = (rows, { events, windowS }) => {
    const isWanted = (row: EventRow) =>
      events.some((event) => {
        const isVisitor = row.userId === event.userId || row.userId === event.previousUserId
        const isSame = row.site === event.site && row.clientEventId === event.clientEventId
        return isVisitor && isSame && Math.abs(receivedSecond(row) - receivedSecond(event)) <= windowS
      })
    const found = this.#rows(rows).filter(isWanted)
    return Promise.resolve(found.map((row) => ({ ...row, receivedAt: receivedSecond(row) })))
  }

  storedPlace: SessionHistory['storedPlace'] = (partition) => {
    const all = [...this.#store.events, ...this.#store.drops]
    const rows = all.filter(({ kafkaPartition }) => kafkaPartition === partition)
    const offset = Math.max(-1, ...rows.map(({ kafkaOffset }) => kafkaOffset))
    return Promise.resolve({ offset, raw: Math.max(-1, ...rows.map(({ rawOffset }) => rawOffset)) })
  }

  #rows({ partition, below }: StoredRows): EventRow[] {
    return this.#store.events.filter((row) => row.kafkaPartition === partition && row.kafkaOffset < below)
  }
}

/** The sessions that have such rows, as all their rows tell: months are not stored in the order of the log. */
function sessionsOf(
  rows: readonly EventRow[],
  isWanted: (row: EventRow) => boolean = () => true,
): StoredSession[] {
  const keyOf = ({ site, userId, sessionStart }: EventRow) => `${site} ${userId} ${sessionStart}`
  const wanted = new Set(rows.filter(isWanted).map(keyOf))
  const sessions = new Map<string, StoredSession>()
  for (const row of rows.toSorted((a, b) => a.kafkaOffset - b.kafkaOffset)) {
    const { site, userId, sessionStart: start, sessionHash: hash, timestamp } = row
    if (!wanted.has(keyOf(row))) continue
    const lastActivity = Math.max(timestamp, sessions.get(keyOf(row))?.lastActivity ?? 0)
    const session = { site, userId, start, hash, lastActivity, firstTouch: firstTouchOf(row) }
    sessions.set(keyOf(row), session)
  }
  return [...sessions.values()]
}

function monthOf({ timestamp }: EventRow): string {
  return new Date(timestamp * 1000).toISOString().slice(0, 7)
}

export function silentEvents(metrics = new Metrics()): InternalEvents {
  const logger = createLogger({ name: 'test', level: 'silent' })
  return new InternalEvents({ logger, metrics, wallClock: Date.now })
}
