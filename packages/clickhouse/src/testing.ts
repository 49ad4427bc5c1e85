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
