import { anEnrichedEvent } from '@millrace/events/testing'
import type { DeadLetterRow, DroppedEventRow, EventRow } from './event-row.ts'

export {
  freshDatabaseName,
  openTestDatabase,
  openTestServer,
  type StartEngine,
  type TestDatabase,
  type TestServer,
} from './test-database.ts'
export { FakeStore, type InsertFault, type QueryAnswer } from './fake-store.ts'
export { RowList } from './row-list.ts'

/** A page view as the sink writes it, the first event of its session. */
export function anEventRow(changes: Partial<EventRow> = {}): EventRow {
  const event = anEnrichedEvent()
  return {
    ...event,
    sessionStart: event.timestamp,
    sessionHash: 0xabcdef01,
    kafkaPartition: 0,
    kafkaOffset: 0,
    ingestedAt: event.timestamp + 1,
    ...changes,
  }
}

/** An event as a protocol leaves it: name, properties, and what else of its row is not the usual. */
export type TypedEvent = readonly [
  name: string,
  props: Readonly<Record<string, string>>,
  changes?: Partial<EventRow>,
]

/** Rows of one protocol and site in this order, for the views over them. */
export function typedEventRows(
  { site, protocol, firstOffset }: Pick<EventRow, 'site' | 'protocol'> & { readonly firstOffset: number },
  events: readonly TypedEvent[],
): EventRow[] {
  return events.map(([name, props, changes], index) => {
    const kafkaOffset = firstOffset + index
    const event = { site, protocol, name, props: Object.entries(props), visitorId: 'v1' }
    return anEventRow({ ...event, kafkaOffset, rawOffset: kafkaOffset, ...changes })
  })
}

/** An event that the rule against bots refused. */
export function aDroppedEventRow(changes: Partial<DroppedEventRow> = {}): DroppedEventRow {
  return {
    site: 'example.com',
    timestamp: Date.UTC(2026, 10, 21, 12) / 1000,
    reason: 'bot',
    protocol: 'plausible',
    hostname: 'example.com',
    pathname: '/',
    userAgent: 'Bot/1.0',
    kafkaPartition: 0,
    kafkaOffset: 0,
    rawOffset: 0,
    ...changes,
  }
}

/** An enriched record that the sink could not read. */
export function aDeadLetterRow(changes: Partial<DeadLetterRow> = {}): DeadLetterRow {
  return {
    timestamp: Date.UTC(2026, 10, 21, 12) / 1000,
    stage: 'sink',
    cause: 'not an enriched record',
    record: Buffer.from([0xff, 0x00, 0x7b]),
    topic: 'millrace.events.enriched',
    kafkaPartition: 0,
    kafkaOffset: 0,
    ...changes,
  }
}
