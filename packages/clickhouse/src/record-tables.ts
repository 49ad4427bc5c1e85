import type { AcceptedEventsRow, DeadLetterRow, DroppedEventRow, PassedOverRow } from './event-row.ts'
import type { Table } from './table.ts'

/** `dropped_events`. */
export const droppedEventsTable: Table<DroppedEventRow> = {
  name: 'dropped_events',
  columns: [
    { name: 'site', type: 'LowCardinality(String)', read: (row) => row.site },
    { name: 'timestamp', type: "DateTime('UTC')", read: (row) => row.timestamp },
    { name: 'reason', type: 'LowCardinality(String)', read: (row) => row.reason },
    { name: 'protocol', type: 'LowCardinality(String)', read: (row) => row.protocol },
    { name: 'hostname', type: 'LowCardinality(String)', read: (row) => row.hostname },
    { name: 'pathname', type: 'String', read: (row) => row.pathname },
    { name: 'user_agent', type: 'LowCardinality(String)', read: (row) => row.userAgent },
    { name: 'kafka_partition', type: 'UInt16', read: (row) => row.kafkaPartition },
    { name: 'kafka_offset', type: 'UInt64', from: 'number', read: (row) => row.kafkaOffset },
    { name: 'raw_offset', type: 'UInt64', from: 'number', read: (row) => row.rawOffset },
  ],
}

/** `passed_over`. */
export const passedOverTable: Table<PassedOverRow> = {
  name: 'passed_over',
  columns: [
    { name: 'kafka_partition', type: 'UInt16', read: (row) => row.kafkaPartition },
    { name: 'kafka_offset', type: 'UInt64', from: 'number', read: (row) => row.kafkaOffset },
    { name: 'raw_offset', type: 'UInt64', from: 'number', read: (row) => row.rawOffset },
  ],
}

/** `dead_letters`. */
export const deadLettersTable: Table<DeadLetterRow> = {
  name: 'dead_letters',
  columns: [
    { name: 'timestamp', type: "DateTime('UTC')", read: (row) => row.timestamp },
    { name: 'stage', type: 'LowCardinality(String)', read: (row) => row.stage },
    { name: 'cause', type: 'String', read: (row) => row.cause },
    { name: 'record', type: 'String', read: (row) => row.record },
    { name: 'topic', type: 'LowCardinality(String)', read: (row) => row.topic },
    { name: 'kafka_partition', type: 'UInt16', read: (row) => row.kafkaPartition },
    { name: 'kafka_offset', type: 'UInt64', from: 'number', read: (row) => row.kafkaOffset },
  ],
}

/** `accepted_events`. */
export const acceptedEventsTable: Table<AcceptedEventsRow> = {
  name: 'accepted_events',
  columns: [
    { name: 'site', type: 'LowCardinality(String)', read: (row) => row.site },
    { name: 'minute', type: "DateTime('UTC')", read: (row) => row.minute },
    { name: 'kafka_partition', type: 'UInt16', read: (row) => row.kafkaPartition },
    { name: 'counter_id', type: 'LowCardinality(String)', read: (row) => row.counterId },
    { name: 'page', type: 'UInt64', from: 'number', read: (row) => row.page },
    { name: 'accepted', type: 'UInt64', from: 'number', read: (row) => row.accepted },
    { name: 'last_raw_offset', type: 'UInt64', from: 'number', read: (row) => row.lastRawOffset },
    { name: 'counted_at', type: "DateTime('UTC')", read: (row) => row.countedAt },
  ],
}
