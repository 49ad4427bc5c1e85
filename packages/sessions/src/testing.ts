import type { EnrichedEvent } from '@millrace/events'
import { firstTouchColumns, type FirstTouch, type Session } from './session.ts'

/** The session an event belongs to, by the rules as they are written, or undefined for a dropped engagement event. */
export interface ReferenceSession {
  readonly start: number
  readonly userId: string
  readonly site: string
  lastActivity: number
  /** The event that opened it. */
  readonly opener: EnrichedEvent
}

/** The rules without any bound or index: every event is compared with every session so far. */
export function referenceSessions(
  events: readonly EnrichedEvent[],
  inactivityGapS: number,
): (ReferenceSession | undefined)[] {
  const sessions: ReferenceSession[] = []
  return events.map((event) => {
    const { site, timestamp, userId, previousUserId } = event
    const found = [userId, previousUserId]
      .map((id) =>
        sessions
          .filter((session) => session.site === site && session.userId === id)
          .filter(({ start, lastActivity }) => {
            return start - inactivityGapS <= timestamp && timestamp <= lastActivity + inactivityGapS
          })
          .toSorted((a, b) => b.start - a.start)
          .at(0),
      )
      .find((session) => session !== undefined)
    if (found !== undefined) {
      found.lastActivity = Math.max(found.lastActivity, timestamp)
      return found
    }
    if (event.name === 'engagement') return undefined
    const opened = { start: timestamp, userId, site, lastActivity: timestamp, opener: event }
    sessions.push(opened)
    return opened
  })
}

/**
 * What each event's row carries of its session: column by column the value of the last event of the session, in the order
 * of the log and up to this one, that overrides it; else that of the opener.
 * @param sessions of the events, by `referenceSessions`
 */
export function referenceTouches(
  events: readonly EnrichedEvent[],
  sessions: readonly (ReferenceSession | undefined)[],
): (FirstTouch | undefined)[] {
  return sessions.map((session, index) => {
    if (session === undefined) return undefined
    const sofar = events.slice(0, index + 1).filter((_, at) => sessions[at] === session)
    const columns = firstTouchColumns.map((column) => {
      const overrides = ({ overrides: names = [] }: EnrichedEvent) => names.some((name) => name === column)
      return [column, (sofar.findLast(overrides) ?? session.opener)[column]]
    })
    return Object.fromEntries(columns) as FirstTouch
  })
}

/** What tells a session from others, and what its rows carry at that moment. */
export function sessionLabel(session: Pick<Session, 'userId' | 'start' | 'firstTouch'> | undefined): string {
  if (session === undefined) return 'no session'
  const { source, country, city, device } = session.firstTouch
  return `${session.userId} from ${session.start}, opened by ${source}, ${country} ${city} ${device}`
}

export function referenceLabels(events: readonly EnrichedEvent[], inactivityGapS: number): string[] {
  const sessions = referenceSessions(events, inactivityGapS)
  const touches = referenceTouches(events, sessions)
  return sessions.map((session, index) => {
    const firstTouch = touches[index]
    return sessionLabel(session && firstTouch && { ...session, firstTouch })
  })
}
