/** ClickHouse as Millrace uses it: client, migrations, native inserts, the audit query. */
export type { DeadLetterRow, DroppedEventRow, EventRow } from './event-row.ts'
export type { InsertBatch, Store, StoreOptions, Table } from './store.ts'
