import type { EnrichedEvent } from '@millrace/events'
import type { Session } from './session.ts'

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

/** What tells a session from others, and whose first touch it carries. */
export function sessionLabel(session: Session | ReferenceSession | undefined): string {
  if (session === undefined) return 'no session'
  const source = 'opener' in session ? session.opener.source : session.firstTouch.source
  return `${session.userId} from ${session.start}, opened by ${source}`
}
