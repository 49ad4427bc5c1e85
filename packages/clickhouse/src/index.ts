/** ClickHouse as Millrace uses it: client, migrations, native inserts, the audit query. */
export { createStore } from './clickhouse-store.ts'
export type { InsertBatch, RowBlock, Store, StoreOptions } from './store.ts'
export type { ResultBlock } from './result-blocks.ts'
export { StoreError, type StoreErrorCode, type ValuePlace } from './store-error.ts'
export { checkRows } from './check-rows.ts'
export { insertRowsMax } from './insert-settings.ts'
export type { Column, Table } from './table.ts'
export type {
  AcceptedEventsRow,
  DeadLetterRow,
  DroppedEventRow,
  EventRow,
  PassedOverRow,
} from './event-row.ts'
export { eventsTable } from './events-table.ts'
export {
  acceptedEventsTable,
  deadLettersTable,
  droppedEventsTable,
  passedOverTable,
} from './record-tables.ts'
export { migrate, type MigrateOptions } from './migrate.ts'
export { MigrationError, type MigrationErrorCode } from './migration.ts'
export { auditDelivery, type AuditRow } from './audit.ts'
export { readBooks, type Books, type BooksLoss, type BooksSpan } from './books.ts'
