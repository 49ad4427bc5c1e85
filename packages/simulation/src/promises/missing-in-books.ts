import { enrichedTraceOf, topics } from '@millrace/events'
import type { StoreServer } from '../store/store-server.ts'
import type { ExpectedRow } from './expected-rows.ts'
import type { BrokenPromise } from './broken-promise.ts'

/**
 * By site, minute of receipt and partition, what was counted as accepted is found in the tables. There may be more of it: what
 * a killed producer had not handed over, and what was answered with 503 and yet came into the log. And a producer that was
 * not told that its disk had taken an event brings it to the log twice, and may count it twice.
 */
export function missingInBooks(
  { tables, counts }: StoreServer,
  expected: readonly (readonly ExpectedRow[])[],
): BrokenPromise[] {
  const pages = new Map<string, { readonly line: string; accepted: number }>()
  for (const { site, minute, kafkaPartition, counterId, page, accepted } of counts) {
    const line = lineOf(site, minute, kafkaPartition)
    const key = `${line} ${counterId} ${page}`
    pages.set(key, { line, accepted: Math.max(accepted, pages.get(key)?.accepted ?? 0) })
  }
  const open = new Map<string, number>()
  for (const { line, accepted } of pages.values()) open.set(line, (open.get(line) ?? 0) + accepted)
  const find = (line: string) => open.set(line, (open.get(line) ?? 0) - 1)
  for (const { site, timestamp, kafkaPartition } of [...tables.events, ...tables.drops]) {
    find(lineOf(site, timestamp, kafkaPartition))
  }
  for (const { record, topic, kafkaPartition } of tables.deadLetters) {
    const told =
      topic === topics.raw ? toldBy(record) : topic === topics.enriched ? enrichedTraceOf(record) : undefined
    if (told !== undefined) find(lineOf(told.site, told.receivedAt / 1000, kafkaPartition))
  }
  for (const [partition, rows] of expected.entries()) {
    for (const row of rows) {
      if (row.kind === 'repeat') find(lineOf(row.raw.site, row.raw.receivedAt / 1000, partition))
    }
  }
  return [...open]
    .filter(([, missing]) => missing > 0)
    .map(([line, missing]) => ({ promise: 'the books miss nothing', detail: `${line}: ${missing}` }))
}

function lineOf(site: string, second: number, partition: number): string {
  return `${site} minute ${Math.floor(second / 60)} partition ${partition}`
}

/** Whose event a raw record's bytes are, as far as they can be read. */
function toldBy(record: Buffer): { readonly site: string; readonly receivedAt: number } | undefined {
  try {
    return JSON.parse(record.toString()) as { site: string; receivedAt: number }
  } catch {
    return undefined
  }
}
