import type { Assignment } from '@millrace/log'
import type { RangeItems } from './range-items.ts'

export interface InsertBatchLimits {
  readonly rowsMax: number
  /** Of record values. Exceeded by at most one fetched batch. */
  readonly bytesMax: number
  /** From one cut to the next of a batch that is not full: see `nextDueAt`. Also the longest wait for a first record. */
  readonly ageMsMax: number
}

/** Consecutive records of one partition from offset `first` to `last`. */
export interface InsertBatch<Items> {
  readonly first: number
  readonly last: number
  readonly items: Items
}

export interface CollectOptions<Items> {
  /** Takes the records; empty. */
  readonly items: Items
  readonly limits: InsertBatchLimits
  /** Milliseconds, monotonic. */
  readonly now: () => number
  /** Before then it is not cut for its age; `now`'s. */
  readonly dueAt: number
}

/** Smaller fetches keep the event loop free for heartbeats while records are copied. */
const fetchRecordsMax = 5_000

/**
 * The next insert batch: cut at its limits, or when the partition is taken away. Undefined when no record came.
 * What comes after a pause is cut at once; what is in the log already is not cut for its age, so that batches grow where
 * storing them takes long.
 * Where it is cut need not be repeatable, because the range is committed as an intent before anything is inserted.
 */
export async function collectInsertBatch<Items extends RangeItems<Items>>(
  assignment: Assignment,
  { items, limits, now, dueAt }: CollectOptions<Items>,
): Promise<InsertBatch<Items> | undefined> {
  let first: number | undefined
  let last = 0
  let bytes = 0
  let high = 0
  let waitMsMax = limits.ageMsMax
  while (waitMsMax > 0 && items.length < limits.rowsMax && bytes < limits.bytesMax) {
    const recordsMax = Math.min(fetchRecordsMax, limits.rowsMax - items.length)
    const records = await assignment.fetch({ recordsMax, waitMsMax })
    if (records.length === 0) break
    if (first === undefined) high = assignment.highWatermark()
    for (const record of records) {
      items.keep(record)
      bytes += record.value.length
      first ??= record.offset
      last = record.offset
    }
    const isBehind = last + 1 < high
    waitMsMax = isBehind ? limits.ageMsMax : dueAt - now()
  }
  return first === undefined ? undefined : { first, last, items }
}

/**
 * When the next batch is due: its age after the last one was cut; where storing takes long, twice as long as that took
 * after it was stored, so that two thirds of a partition's time are left for batches to grow, but at most its age after.
 */
export function nextDueAt(
  last: { readonly cutAt: number; readonly storedAt: number },
  { ageMsMax }: Pick<InsertBatchLimits, 'ageMsMax'>,
): number {
  const { cutAt, storedAt } = last
  const restMs = Math.min(2 * (storedAt - cutAt), ageMsMax)
  return Math.max(cutAt + ageMsMax, storedAt + restMs)
}

/**
 * Exactly the records from `first` to `last` again, however many fetches they come in; the next fetch starts after them.
 * Undefined when the partition was taken away meanwhile.
 */
export async function refetchInsertBatch<Items extends RangeItems<Items>>(
  assignment: Assignment,
  range: { readonly first: number; readonly last: number },
  { items, limits }: Pick<CollectOptions<Items>, 'items' | 'limits'>,
): Promise<InsertBatch<Items> | undefined> {
  assignment.seek(range.first)
  for (let next = range.first; next <= range.last;) {
    const recordsMax = Math.min(fetchRecordsMax, range.last - next + 1)
    const records = await assignment.fetch({ recordsMax, waitMsMax: limits.ageMsMax })
    for (const record of records) if (record.offset <= range.last) items.keep(record)
    next = (records.at(-1)?.offset ?? next - 1) + 1
    if (assignment.signal.aborted && next <= range.last) return undefined
  }
  assignment.seek(range.last + 1)
  return { ...range, items }
}

/** Rows by the month of their timestamp (UTC, `202611`), in order: a row of ClickHouse lies in one month's part. */
export function byMonth<Row extends { readonly timestamp: number }>(
  rows: readonly Row[],
): ReadonlyMap<string, Row[]> {
  const months = new Map<string, Row[]>()
  let month = monthOf(rows[0]?.timestamp ?? 0)
  for (const row of rows) {
    if (row.timestamp < month.start || row.timestamp >= month.end) month = monthOf(row.timestamp)
    const monthRows = months.get(month.name)
    if (monthRows === undefined) months.set(month.name, [row])
    else monthRows.push(row)
  }
  return months
}

/** Bounds in Unix seconds, the end not included. */
export function monthOf(timestamp: number): {
  readonly name: string
  readonly start: number
  readonly end: number
} {
  const date = new Date(timestamp * 1000)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  return {
    name: `${year}${String(month + 1).padStart(2, '0')}`,
    start: Date.UTC(year, month) / 1000,
    end: Date.UTC(year, month + 1) / 1000,
  }
}
