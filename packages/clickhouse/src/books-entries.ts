/** Entries of the books for tests: rows of every table, in a few words. */
import { randomBytes } from 'node:crypto'
import { encodeEnrichedRecord, topics } from '@millrace/events'
import { anEnrichedEvent } from '@millrace/events/testing'
import type { AcceptedEventsRow, DeadLetterRow, DroppedEventRow, EventRow } from './event-row.ts'
import { eventsTable } from './events-table.ts'
import { acceptedEventsTable, deadLettersTable, droppedEventsTable } from './record-tables.ts'
import type { Store } from './store.ts'
import type { Table } from './table.ts'
import { aDeadLetterRow, aDroppedEventRow, anEventRow } from './testing.ts'

/** What the tables hold of one site, minute and partition; plain numbers are raw offsets. */
export interface Entries {
  /** Totals as they were handed over: counter and page, events, last offset, seconds ago. */
  readonly counts?: readonly (readonly [page: string, accepted: number, last: number, agoS?: number])[]
  readonly events?: readonly number[]
  readonly drops?: readonly (readonly [raw: number, reason: string])[]
  readonly enricherLetters?: readonly number[]
  readonly sinkLetters?: readonly number[]
  /** Letters of the enricher that were sent again. */
  readonly requeued?: readonly number[]
  /** Events of the minute after. */
  readonly laterEvents?: readonly number[]
}

export interface EntriesPlace {
  readonly site: string
  readonly partition: number
  /** Unix seconds. */
  readonly minute: number
}

export async function insertRows<Row>(store: Store, table: Table<Row>, rows: readonly Row[]): Promise<void> {
  await store.insert({ table, rows, token: randomBytes(8).toString('hex') })
}

/** Each total goes in an insert of its own, as each may come at its own time. */
export async function insertEntries(store: Store, entries: Entries, place: EntriesPlace): Promise<void> {
  const { counts = [], events = [], laterEvents = [], drops = [], requeued = [] } = entries
  for (const count of counts) await insertRows(store, acceptedEventsTable, [totalRow(count, place)])
  const { minute } = place
  await insertRows(
    store,
    eventsTable,
    events.map((raw) => rowOfEvent(raw, minute + 59, place)),
  )
  await insertRows(
    store,
    eventsTable,
    laterEvents.map((raw) => rowOfEvent(raw, minute + 60, place)),
  )
  await insertRows(
    store,
    droppedEventsTable,
    drops.map(([raw, reason]) => rowOfDrop(raw, reason, place)),
  )
  await insertRows(store, deadLettersTable, letterRows(entries, place))
  const empty = { stage: 'requeued', record: Buffer.alloc(0) }
  await insertRows(
    store,
    deadLettersTable,
    requeued.map((raw) => rowOfLetter(topics.raw, raw, place, empty)),
  )
}

function totalRow(
  [page, accepted, lastRawOffset, agoS = 60]: NonNullable<Entries['counts']>[number],
  { site, partition, minute }: EntriesPlace,
): AcceptedEventsRow {
  const [counterId = '', number = ''] = page.split(' ')
  const countedAt = Math.floor(Date.now() / 1000) - agoS
  return {
    site,
    minute,
    kafkaPartition: partition,
    counterId,
    page: Number(number),
    accepted,
    lastRawOffset,
    countedAt,
  }
}

function rowOfEvent(rawOffset: number, receivedS: number, { site, partition }: EntriesPlace): EventRow {
  const place = { kafkaPartition: partition, kafkaOffset: rawOffset, rawOffset }
  return anEventRow({ site, ...place, timestamp: receivedS, receivedAt: receivedS * 1000 })
}

function rowOfDrop(
  rawOffset: number,
  reason: string,
  { site, partition, minute }: EntriesPlace,
): DroppedEventRow {
  const place = { kafkaPartition: partition, kafkaOffset: rawOffset, rawOffset }
  return aDroppedEventRow({ site, ...place, reason, timestamp: minute })
}

function letterRows(
  { enricherLetters = [], sinkLetters = [] }: Entries,
  place: EntriesPlace,
): DeadLetterRow[] {
  const facts = { site: place.site, receivedAt: place.minute * 1000 + 999 }
  return [
    ...enricherLetters.map((raw) =>
      rowOfLetter(topics.raw, raw, place, { stage: 'enricher', record: bytesOf(facts) }),
    ),
    // The place of an enriched record is not that of its raw record.
    ...sinkLetters.map((raw) => {
      const enriched = { rawOffset: raw, ...facts }
      // In the form of today, the first ones in that of before.
      const record = raw > 10 ? encodeEnrichedRecord(anEnrichedEvent(enriched)) : bytesOf(enriched)
      return rowOfLetter(topics.enriched, raw + 5_000, place, { record })
    }),
  ]
}

function rowOfLetter(
  topic: string,
  kafkaOffset: number,
  { partition: kafkaPartition, minute }: EntriesPlace,
  changes: Partial<DeadLetterRow>,
): DeadLetterRow {
  return aDeadLetterRow({ topic, kafkaPartition, kafkaOffset, timestamp: minute + 1, ...changes })
}

function bytesOf(record: object): Buffer {
  return Buffer.from(JSON.stringify(record))
}
