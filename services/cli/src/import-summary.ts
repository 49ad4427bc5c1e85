import type { ImportCounts } from './import-counts.ts'

/** What an import has made of its file, line by line for a person. */
export function describeCounts(counts: ImportCounts): string[] {
  const { lines, requests, events, dropped, rejected, firstReceivedAt, lastReceivedAt } = counts
  const times =
    firstReceivedAt === undefined || lastReceivedAt === undefined
      ? []
      : [`received from ${timeText(firstReceivedAt)} to ${timeText(lastReceivedAt)}`]
  return [
    `${lines} lines: ${requests} requests, ${sum(rejected)} rejected${causes(rejected)}`,
    `${events} events${sum(dropped) === 0 ? '' : `, and ${sum(dropped)} dropped${causes(dropped)}`}`,
    ...times,
  ]
}

/** The question that shows what was imported since `startedAt`. Times are Unix milliseconds. */
export function questionFor({ firstReceivedAt, lastReceivedAt }: ImportCounts, startedAt: number): string[] {
  if (firstReceivedAt === undefined || lastReceivedAt === undefined) return []
  const question =
    'SELECT toDate(timestamp) AS day, count() AS events, uniq(session_id) AS sessions FROM events ' +
    `WHERE timestamp BETWEEN '${timeText(firstReceivedAt)}' AND '${timeText(lastReceivedAt)}' ` +
    `AND ingested_at >= '${timeText(startedAt)}' GROUP BY day ORDER BY day`
  return ['to see it:', `  npx millrace sql "${question}"`]
}

/** `2026-11-21 12:00:00`, in UTC. */
export function timeText(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')
}

const sum = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((total, count) => total + count, 0)

function causes(counts: ReadonlyMap<string, number>): string {
  const parts = [...counts].toSorted(([, a], [, b]) => b - a).map(([name, count]) => `${name} ${count}`)
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}
