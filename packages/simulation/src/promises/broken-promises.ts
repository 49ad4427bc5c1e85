import {
  decodeDeadLetter,
  decodeEnrichedRecord,
  decodeTally,
  topics,
  UndecodableRecordError,
} from '@millrace/events'
import type { PassedOverRow } from '@millrace/clickhouse'
import { firstTouchOf } from '@millrace/sessions'
import type { SentEvent } from '../pipeline/visitors.ts'
import type { World } from '../pipeline/world.ts'
import type { BrokenPromise } from './broken-promise.ts'
import { missingInBooks } from './missing-in-books.ts'
import { expectedRows, type ExpectedRow } from './expected-rows.ts'
import { identityOf, storedRows, type StoredRow } from './stored-rows.ts'

/** Compares what the tables hold with what clients were told and with what the raw log demands. */
export function brokenPromises(world: World, sent: readonly SentEvent[]): BrokenPromise[] {
  const { settings, logServer, storeServer } = world
  const stored = storedRows(storeServer, logServer.broker)
  const rules = {
    inactivityGapS: Number(settings.sink.SESSION_INACTIVITY_GAP_S),
    repeatWindowS: Number(settings.sink.REPEAT_WINDOW_S),
  }
  const expected = Array.from({ length: settings.partitions }, (_, partition) =>
    expectedRows(logServer.broker, partition, rules),
  )
  return [
    ...compareWithAnswers(stored, sent),
    ...expected.flatMap((rows, partition) => {
      const own = stored.filter(({ place }) => place?.partition === partition)
      return compareWithLog(own, { expected: rows, partition })
    }),
    ...compareGarbage(stored, world),
    ...audit(stored, storeServer.tables.passedOver),
    ...missingInBooks(storeServer, expected),
  ]
}

/**
 * By site and path, whatever places say: an event that was sent once has one row if it was answered with 202, and at most
 * one else; an event that its client sent again is stored at most once.
 */
function compareWithAnswers(stored: readonly StoredRow[], sent: readonly SentEvent[]): BrokenPromise[] {
  const rows = new Map<string, StoredRow[]>()
  for (const row of stored) {
    if (row.identity !== undefined) rows.set(row.identity, [...(rows.get(row.identity) ?? []), row])
  }
  const broken: BrokenPromise[] = []
  for (const { site, pathname, fate, tries } of sent) {
    const identity = identityOf({ site, pathname })
    const own = rows.get(identity) ?? []
    rows.delete(identity)
    if (fate === 'accepted' && own.length === 0) {
      broken.push({ promise: 'accepted events are stored', detail: identity })
    }
    const isTwice = tries === 1 ? own.length > 1 : isStoredAgain(own)
    if (isTwice) {
      broken.push({ promise: 'nothing is stored twice', detail: `${identity}: ${own.length} rows` })
    }
  }
  const invented = [...rows.keys()].map((detail): BrokenPromise => ({
    promise: 'nothing is invented',
    detail,
  }))
  return [...broken, ...invented]
}

const dayS = 86_400

/**
 * Whether a later event row repeats an earlier one. Only what one cannot know is excused: an event of yesterday carries no
 * id of today, so it is not told from one of today that has overtaken it.
 */
function isStoredAgain(rows: readonly StoredRow[]): boolean {
  const days = rows
    .toSorted((a, b) => (a.place?.rawOffset ?? 0) - (b.place?.rawOffset ?? 0))
    .flatMap(({ row }) => (row === undefined ? [] : [Math.floor(row.timestamp / dayS)]))
  return days.some((day, index) => days.slice(0, index).some((earlier) => earlier <= day))
}

/** Raw record by raw record: the one row that the rules demand of it. */
function compareWithLog(
  stored: readonly StoredRow[],
  { expected, partition }: { readonly expected: readonly ExpectedRow[]; readonly partition: number },
): BrokenPromise[] {
  const byOffset = new Map<number, StoredRow[]>()
  for (const row of stored) {
    const rawOffset = row.place?.rawOffset ?? -1
    byOffset.set(rawOffset, [...(byOffset.get(rawOffset) ?? []), row])
  }
  return expected.flatMap((demanded, rawOffset): BrokenPromise[] => {
    const rows = byOffset.get(rawOffset) ?? []
    const detail = `raw record ${partition}-${rawOffset}: ${rows.map(({ kind }) => kind).join(', ')}`
    if (demanded.kind === 'repeat') {
      return rows.length === 0
        ? []
        : [{ promise: 'nothing is stored twice', detail: `${detail} of a repeat` }]
    }
    const [row] = rows
    if (row === undefined) return [{ promise: 'accepted events are stored', detail: `${detail}no row` }]
    if (rows.length > 1) return [{ promise: 'nothing is stored twice', detail }]
    const difference = differenceOf(row, demanded)
    return difference === undefined
      ? []
      : [{ promise: 'sessions are those of the rules', detail: `${detail}: ${difference}` }]
  })
}

type DemandedRow = Exclude<ExpectedRow, { readonly kind: 'repeat' }>

function differenceOf({ kind, row, why }: StoredRow, demanded: DemandedRow): string | undefined {
  if (kind !== demanded.kind) return `not a ${demanded.kind}`
  switch (demanded.kind) {
    case 'drop':
      return why === demanded.reason ? undefined : `${why} instead of ${demanded.reason}`
    case 'dead letter':
      return why === demanded.stage ? undefined : `${why} instead of ${demanded.stage}`
    case 'event': {
      if (row === undefined) return 'no row'
      const { userId, sessionStart, sessionHash, firstTouch } = demanded
      const is = JSON.stringify({ ...part(row), firstTouch: firstTouchOf(row) })
      const mustBe = JSON.stringify({ ...part({ userId, sessionStart, sessionHash }), firstTouch })
      return is === mustBe ? undefined : `${is} instead of ${mustBe}`
    }
  }
}

function part(row: { readonly userId: string; readonly sessionStart: number; readonly sessionHash: number }) {
  return { userId: row.userId, sessionStart: row.sessionStart, sessionHash: row.sessionHash }
}

/** Bytes that are no record are dead letters of the sink, once each, where it reads them. */
function compareGarbage(stored: readonly StoredRow[], { logServer }: World): BrokenPromise[] {
  const places = new Map<string, number>()
  for (const { read } of stored) {
    if (read !== undefined) places.set(placeOf(read), (places.get(placeOf(read)) ?? 0) + 1)
  }
  return [topics.enriched, topics.deadLetter, topics.books].flatMap((topic) =>
    logServer.broker.partitions(topic).flatMap(({ records }, partition) => {
      return records.flatMap(({ offset, value }): BrokenPromise[] => {
        if (isRecord(topic, value)) return []
        const detail = placeOf({ topic, partition, offset })
        const count = places.get(detail) ?? 0
        if (count === 0) return [{ promise: 'accepted events are stored', detail }]
        return count === 1 ? [] : [{ promise: 'nothing is stored twice', detail }]
      })
    }),
  )
}

function placeOf({ topic, partition, offset }: NonNullable<StoredRow['read']>): string {
  return `${topic} ${partition}-${offset}`
}

function isRecord(topic: string, value: Buffer): boolean {
  try {
    if (topic === topics.enriched) decodeEnrichedRecord(value)
    else if (topic === topics.deadLetter) decodeDeadLetter(value)
    else decodeTally(value)
    return true
  } catch (error) {
    if (error instanceof UndecodableRecordError) return false
    throw error
  }
}

/** Places are unique and without a gap, and raw offsets grow with them. */
function audit(stored: readonly StoredRow[], passedOver: readonly PassedOverRow[]): BrokenPromise[] {
  const placed = stored
    .flatMap(({ read, place }) =>
      read?.topic === topics.enriched ? [{ ...read, raw: place?.rawOffset }] : [],
    )
    .toSorted((a, b) => a.partition - b.partition || a.offset - b.offset)
  let before: { readonly partition: number; readonly offset: number; readonly raw: number } | undefined
  const isPassedOver = new Set(
    passedOver.map(({ kafkaPartition, kafkaOffset }) => `${kafkaPartition}-${kafkaOffset}`),
  )
  const broken: BrokenPromise[] = []
  for (const { partition, offset, raw } of placed) {
    const last = before?.partition === partition ? before : undefined
    const isTwice = last?.offset === offset
    const isBack = raw !== undefined && last !== undefined && raw <= last.raw
    if (isTwice || isBack) {
      const detail = `${partition}-${offset} raw ${raw ?? '?'} after ${last.offset} raw ${last.raw}`
      broken.push({ promise: 'the audit is empty', detail })
    }
    for (let place = (last?.offset ?? offset) + 1; place < offset; place++) {
      if (isPassedOver.has(`${partition}-${place}`)) continue
      broken.push({ promise: 'the audit is empty', detail: `nothing is known of ${partition}-${place}` })
    }
    before = { partition, offset, raw: raw ?? last?.raw ?? -1 }
  }
  return broken
}
