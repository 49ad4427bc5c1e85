import {
  byVisitor,
  expectedSessionRow,
  isInOrderOfTime,
  sessionsByReference,
  sessionsBySilence,
  type ExpectedSession,
  type ExpectedSessionRow,
  type PlacedEvent,
} from './expected-sessions.ts'
import type { Problem } from './problem.ts'
import type { EventRow, SessionRow, StoredRows } from './stored-rows.ts'

const dayS = 86_400

/** Rows of `events` by the event's id. */
type Rows = ReadonlyMap<string, EventRow>

/** Holds rows and the `sessions` view to the sessions that the placed events must give. */
export function checkSessions(
  placed: readonly PlacedEvent[],
  { rows, inactivityGapS }: { readonly rows: StoredRows; readonly inactivityGapS: number },
): Problem[] {
  const expected = sessionsByReference(placed, inactivityGapS)
  const stored = new Map(rows.events.map((row) => [row.id, row]))
  const sessions = sessionsById(rows)
  const wrong = [
    ...checkReference(placed, expected, inactivityGapS),
    ...expected.flatMap((session) => checkSession(session, { stored, sessions })),
    ...checkDrops(expected, rows),
    ...checkUserIds(expected, stored),
    ...checkNoOthers(expected, { stored, rows }),
  ]
  return wrong.map((detail) => ({ kind: 'wrong session', detail }))
}

/** The two ways to compute the expected sessions must agree where both speak. */
function checkReference(
  placed: readonly PlacedEvent[],
  expected: readonly ExpectedSession[],
  inactivityGapS: number,
): string[] {
  const asText = (sessions: readonly ExpectedSession[]) =>
    new Set(sessions.map((session) => session.map(({ event }) => event.id).join(' ')))
  const inOrder = new Set(
    byVisitor(placed)
      .filter(isInOrderOfTime)
      .flat()
      .map(({ event }) => event.id),
  )
  const one = asText(expected.filter((session) => inOrder.has(session[0]!.event.id)))
  const other = asText(sessionsBySilence(placed, inactivityGapS))
  const different = [...one]
    .filter((text) => !other.has(text))
    .concat([...other].filter((text) => !one.has(text)))
  return different.map((text) => `the two references differ about ${text}`)
}

function sessionsById({ sessions }: StoredRows): ReadonlyMap<string, readonly SessionRow[]> {
  const byId = new Map<string, SessionRow[]>()
  for (const row of sessions) {
    const key = `${row.sessionId} ${row.site}`
    byId.set(key, [...(byId.get(key) ?? []), row])
  }
  return byId
}

function checkSession(
  session: ExpectedSession,
  { stored, sessions }: { stored: Rows; sessions: ReadonlyMap<string, readonly SessionRow[]> },
): string[] {
  const what = `the session of ${session[0]!.event.address} on ${session[0]!.event.site} with ${ids(session)}`
  const eventRows = session.flatMap(({ event }) => stored.get(event.id) ?? [])
  if (eventRows.length < session.length) {
    const missing = session.filter(({ event }) => !stored.has(event.id))
    return [`${what} has ${ids(missing)} as a drop`]
  }
  const expected = expectedSessionRow(session)
  const [first] = eventRows
  const { sessionId, userId } = first!
  const sessionIds = new Set(eventRows.map((row) => row.sessionId))
  if (sessionIds.size > 1) return [`${what} has the ids ${[...sessionIds].join(' ')}`]
  const problems: string[] = []
  if (new Set(eventRows.map((row) => row.userId)).size > 1) problems.push(`${what} has several user ids`)
  if (eventRows.some((row) => row.utmSource !== expected.utmSource))
    problems.push(`${what} has not everywhere its first source ${expected.utmSource}`)
  if (Number(BigInt(sessionId) >> 32n) !== expected.start)
    problems.push(`${what} has an id that does not begin with its start ${expected.start}`)
  const found = sessions.get(`${sessionId} ${session[0]!.event.site}`) ?? []
  if (found.length !== 1) return [...problems, `${what} has ${found.length} rows in sessions`]
  const row = found[0]!
  if (row.userId !== userId)
    problems.push(`${what} is of user ${row.userId} in sessions, ${userId} in events`)
  for (const [name, value] of Object.entries(expected)) {
    const given = row[name as keyof ExpectedSessionRow]
    if (given !== value) problems.push(`${what}: ${name} is ${given}, expected ${value}`)
  }
  return problems
}

/** An event that has a session must not be dropped, and one without must be: engagement that nothing came before. */
function checkDrops(expected: readonly ExpectedSession[], rows: StoredRows): string[] {
  const withSession = new Set(expected.flat().map(({ event }) => event.id))
  return [
    ...rows.drops
      .filter(({ reason }) => reason !== 'no_session_for_engagement' && reason !== 'repeat')
      .map(({ id, reason }) => `${id} was dropped: ${reason}`),
    ...rows.events
      .filter(({ id }) => !withSession.has(id))
      .map(({ id }) => `${id} has no session by the reference, and is stored`),
  ]
}

/** A visitor has one user id a day, and no two visitors of a site share one. */
function checkUserIds(expected: readonly ExpectedSession[], stored: Rows): string[] {
  const byVisitorDay = new Map<string, string>()
  const owners = new Map<string, string>()
  const problems: string[] = []
  for (const session of expected) {
    const { event, timestamp } = session[0]!
    const userId = stored.get(event.id)?.userId
    if (userId === undefined) continue
    const visitor = `${event.address} on ${event.site}`
    const day = `${visitor}, day ${Math.floor(timestamp / dayS)}`
    if ((byVisitorDay.get(day) ?? userId) !== userId) problems.push(`${day} has several user ids`)
    const owner = `${userId} ${event.site}`
    if ((owners.get(owner) ?? visitor) !== visitor)
      problems.push(`${visitor} and ${owners.get(owner)!} are user ${userId}`)
    byVisitorDay.set(day, userId)
    owners.set(owner, visitor)
  }
  return problems
}

/** No two expected sessions share an id, and the view has no session that no event is in. */
function checkNoOthers(
  expected: readonly ExpectedSession[],
  { stored, rows }: { stored: Rows; rows: StoredRows },
): string[] {
  const key = ({ site, sessionId }: { site: string; sessionId: string }) => `${sessionId} ${site}`
  const known = new Set<string>()
  const shared: string[] = []
  for (const one of expected.flatMap((session) => stored.get(session[0]!.event.id) ?? []).map(key)) {
    if (known.has(one)) shared.push(one)
    known.add(one)
  }
  return [
    ...shared.map((one) => `several sessions have the id ${one}`),
    ...rows.sessions
      .filter((row) => !known.has(key(row)))
      .map((row) => `no events make ${JSON.stringify(row)}`),
  ]
}

function ids(session: readonly PlacedEvent[]): string {
  const shown = session.slice(0, 4).map(({ event }) => event.id)
  return shown.join(' ') + (session.length > shown.length ? ` and ${session.length - shown.length} more` : '')
}
