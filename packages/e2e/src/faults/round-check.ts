import type { Problem } from './problem.ts'
import type { Attempt, SentEvent } from './sent-events.ts'
import { checkSessions } from './session-check.ts'
import type { DropRow, EventRow, StoredRows } from './stored-rows.ts'
import type { PlacedEvent } from './expected-sessions.ts'

/** Accepted, or the log does not take it now, or no answer. */
const possibleStatuses = [202, 503, 408, 0]

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
  const rowsById = new Map<string, Row[]>()
  for (const row of [...rows.events, ...rows.drops]) {
    const same = rowsById.get(row.id)
    if (same === undefined) rowsById.set(row.id, [row])
    else same.push(row)
  }
  return sent.flatMap((event) => checkCount(event, rowsById.get(event.id) ?? []))
}

/** One row is the event; a repeat of its client's may have left others, which say so and lie behind it. */
function checkCount({ id, name, attempts }: SentEvent, rows: readonly Row[]): Problem[] {
  const statuses = attempts.map(({ status }) => status)
  if (!statuses.every((status) => possibleStatuses.includes(status))) {
    return [{ kind: 'unexpected answer', detail: `${id} was answered with ${statuses.join(', ')}` }]
  }
  const repeats = rows.filter(isRepeat)
  const [own, ...more] = rows.filter((row) => !isRepeat(row))
  const accepted = statuses.filter((status) => status === 202).length
  const places = rows.map((row) => `${placeOf(row)}${isRepeat(row) ? ' (repeat)' : ''}`).join(', ')
  const detail = `${id} (${name}, answered ${statuses.join(', ')}) is at ${places === '' ? 'no place' : places}`
  if (more.length > 0 || rows.length > attempts.length) return [{ kind: 'doubled', detail }]
  if (rows.length < accepted || (own === undefined && accepted > 0)) return [{ kind: 'lost', detail }]
  const isBehindRepeat = repeats.some((row) => own === undefined || row.rawOffset < own.rawOffset)
  if (isBehindRepeat) return [{ kind: 'wrong place', detail }]
  return attempts
    .filter(({ receipt }) => receipt !== undefined && !rows.some((row) => placeOf(row) === receipt))
    .map(({ receipt }) => ({ kind: 'wrong place', detail: `${detail}, a receipt says ${String(receipt)}` }))
}

type Row = EventRow | DropRow

function isRepeat(row: Row): boolean {
  return 'reason' in row && row.reason === 'repeat'
}

function placeOf({ partition, rawOffset }: Row): string {
  return `${partition}-${rawOffset}`
}

function checkRow(row: Row, sent: SentEvent | undefined): Problem[] {
  if (sent === undefined) return [{ kind: 'unknown', detail: `${row.id} at ${placeOf(row)} was never sent` }]
  const isAltered =
    'prop' in row && (row.prop !== sent.id || row.name !== sent.name || row.site !== sent.site)
  return isAltered ? [{ kind: 'altered', detail: `${JSON.stringify(row)} was ${JSON.stringify(sent)}` }] : []
}

/** In the log's order: what is stored, and what was dropped for want of a session. Repeats are in no session. */
function placeEvents(byId: ReadonlyMap<string, SentEvent>, rows: StoredRows): PlacedEvent[] {
  return [...rows.events, ...rows.drops.filter((row) => !isRepeat(row))]
    .flatMap(({ id, partition, kafkaOffset, rawOffset, timestamp }) => {
      const event = byId.get(id)
      return event === undefined ? [] : [{ event, partition, kafkaOffset, rawOffset, timestamp }]
    })
    .toSorted((a, b) => a.partition - b.partition || a.rawOffset - b.rawOffset)
}

/**
 * All events of a visitor lie in one partition. What was answered before another was sent lies before it in the log, where
 * both have receipts; one that its producer kept on its disk for a while may come later than one by way of another.
 */
function checkOrder(placed: readonly PlacedEvent[], byId: ReadonlyMap<string, SentEvent>): Problem[] {
  const problems: Problem[] = []
  const visitors = new Map<string, { readonly partition: number; lastSent: Attempt | undefined }>()
  for (const { event, partition } of placed) {
    const visitor = `${event.address} on ${event.site}`
    const known = visitors.get(visitor) ?? { partition, lastSent: undefined }
    visitors.set(visitor, known)
    if (known.partition !== partition) {
      const detail = `${visitor} is in partitions ${known.partition} and ${partition}`
      problems.push({ kind: 'out of order', detail })
    }
    const [attempt, ...others] = byId.get(event.id)?.attempts ?? []
    if (attempt?.receipt === undefined || others.length > 0) continue
    const { lastSent } = known
    if (lastSent !== undefined && (attempt.answeredAt ?? Infinity) < lastSent.sentAt) {
      const detail = `${event.id} at ${attempt.receipt} was answered before what is at ${String(lastSent.receipt)} was sent`
      problems.push({ kind: 'out of order', detail })
    }
    if (lastSent === undefined || attempt.sentAt > lastSent.sentAt) known.lastSent = attempt
  }
  return problems
}
