import type { Problem } from './problem.ts'
import type { SentEvent } from './sent-events.ts'
import { checkSessions } from './session-check.ts'
import type { DropRow, EventRow, StoredRows } from './stored-rows.ts'
import type { PlacedEvent } from './expected-sessions.ts'

/** Accepted, or the log does not take it now, or no answer. */
const possibleStatuses = [202, 503, 0]

/**
 * Holds what ClickHouse has to what the sender knows: each event answered with 202 is there exactly once, every other at
 * most once; each in its place, as it was sent, and in the right session; the standing audit has nothing to say.
 * @param sent every event of the sites the rows are of
 */
export function checkRound(
  sent: readonly SentEvent[],
  rows: StoredRows,
  { inactivityGapS }: { readonly inactivityGapS: number },
): Problem[] {
  const byId = new Map(sent.map((event) => [event.id, event]))
  const placed = placeEvents(byId, rows)
  return [
    ...checkCounts(sent, rows),
    ...[...rows.events, ...rows.drops].flatMap((row) => checkRow(row, byId.get(row.id))),
    ...checkOrder(placed, byId),
    ...checkSessions(placed, { rows, inactivityGapS }),
    ...rows.audit.map((detail): Problem => ({ kind: 'audit', detail })),
  ]
}

function checkCounts(sent: readonly SentEvent[], rows: StoredRows): Problem[] {
  const times = new Map<string, number>()
  for (const { id } of [...rows.events, ...rows.drops]) times.set(id, (times.get(id) ?? 0) + 1)
  return sent.flatMap(({ id, status, receipt, name }): Problem[] => {
    const count = times.get(id) ?? 0
    if (!possibleStatuses.includes(status)) {
      return [{ kind: 'unexpected answer', detail: `${id} was answered with ${status}` }]
    }
    const detail = `${id} (${name}, answered ${status}, receipt ${receipt ?? 'none'}) is stored ${count} times`
    if (count > 1) return [{ kind: 'doubled', detail }]
    return count === 0 && status === 202 ? [{ kind: 'lost', detail }] : []
  })
}

function checkRow(row: EventRow | DropRow, sent: SentEvent | undefined): Problem[] {
  const place = `${row.partition}-${row.rawOffset}`
  if (sent === undefined) return [{ kind: 'unknown', detail: `${row.id} at ${place} was never sent` }]
  const problems: Problem[] = []
  if (sent.receipt !== undefined && sent.receipt !== place) {
    problems.push({
      kind: 'wrong place',
      detail: `${row.id} is at ${place}, its receipt says ${sent.receipt}`,
    })
  }
  const isAltered =
    'prop' in row && (row.prop !== sent.id || row.name !== sent.name || row.site !== sent.site)
  if (isAltered)
    problems.push({ kind: 'altered', detail: `${JSON.stringify(row)} was ${JSON.stringify(sent)}` })
  return problems
}

/** In the log's order: what is stored, and what was dropped for want of a session. */
function placeEvents(byId: ReadonlyMap<string, SentEvent>, rows: StoredRows): PlacedEvent[] {
  return [...rows.events, ...rows.drops]
    .flatMap(({ id, partition, kafkaOffset, rawOffset, timestamp }) => {
      const event = byId.get(id)
      return event === undefined ? [] : [{ event, partition, kafkaOffset, rawOffset, timestamp }]
    })
    .toSorted((a, b) => a.partition - b.partition || a.rawOffset - b.rawOffset)
}

/** Of one visitor, what was answered before another was sent lies before it in the log, and all lie in one partition. */
function checkOrder(placed: readonly PlacedEvent[], byId: ReadonlyMap<string, SentEvent>): Problem[] {
  const problems: Problem[] = []
  const visitors = new Map<string, { partition: number; last: SentEvent }>()
  for (const { event, partition } of placed) {
    const sent = byId.get(event.id)
    if (sent === undefined) continue
    const visitor = `${event.address} ${event.site}`
    const known = visitors.get(visitor)
    if (known !== undefined && known.partition !== partition) {
      problems.push({
        kind: 'out of order',
        detail: `${visitor} is in partitions ${known.partition} and ${partition}`,
      })
    }
    const hasReceipts = sent.receipt !== undefined && known?.last.receipt !== undefined
    if (hasReceipts && (sent.answeredAt ?? Infinity) < known.last.sentAt) {
      const detail = `${sent.id}, answered before ${known.last.id} was sent, lies behind it in the log`
      problems.push({ kind: 'out of order', detail })
    }
    if (known === undefined || sent.sentAt > known.last.sentAt)
      visitors.set(visitor, { partition, last: sent })
  }
  return problems
}
