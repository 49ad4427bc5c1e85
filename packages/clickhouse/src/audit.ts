import type { Store } from './store.ts'

/** One partition's books, from the view `delivery_audit`, which says how each number is meant. */
export interface AuditRow {
  readonly partition: number
  readonly rows: number
  readonly events: number
  readonly dropped: number
  readonly deadLetters: number
  /** Distinct places in the enriched topic. */
  readonly offsets: number
  readonly firstOffset: number
  readonly lastOffset: number
  /** Records lost. Must be 0. */
  readonly gaps: number
  /** Rows whose place is stored already. Must be 0. */
  readonly duplicates: number
  /** Rows whose raw offset is stored already, or out of order. Must be 0. */
  readonly rawDuplicates: number
  /** Offsets without a row because their raw offset was stored already. */
  readonly repeats: number
}

type AuditColumns = Readonly<Record<string, string | number>>

/**
 * Asks the books of every partition, for what was inserted in the last 14 days, in partition order.
 * While an insert is under way it may show a gap that is gone when asked again.
 */
export async function auditDelivery(store: Store): Promise<AuditRow[]> {
  const rows = await store.query<AuditColumns>('SELECT * FROM delivery_audit ORDER BY kafka_partition')
  return rows.map((row) => ({
    partition: Number(row.kafka_partition),
    rows: Number(row.rows),
    events: Number(row.events),
    dropped: Number(row.dropped),
    deadLetters: Number(row.dead_letters),
    offsets: Number(row.offsets),
    firstOffset: Number(row.first_offset),
    lastOffset: Number(row.last_offset),
    gaps: Number(row.gaps),
    duplicates: Number(row.duplicates),
    rawDuplicates: Number(row.raw_duplicates),
    repeats: Number(row.repeats),
  }))
}
