import { anEnrichedEvent } from '@millrace/events/testing'
import { referenceSessions } from '@millrace/sessions/testing'
import type { VisitEvent } from './visit-traffic.ts'

/** An event of the sender's at the place and time the log gave it. */
export interface PlacedEvent {
  readonly event: VisitEvent
  readonly partition: number
  readonly kafkaOffset: number
  readonly rawOffset: number
  /** Unix seconds. */
  readonly timestamp: number
}

/** Events of one visitor that belong together, in the log's order; the first opened the session. */
export type ExpectedSession = readonly PlacedEvent[]

/** What the `sessions` view must say of it. */
export interface ExpectedSessionRow {
  readonly start: number
  readonly lastActivity: number
  readonly duration: number
  readonly pageviews: number
  readonly events: number
  readonly isBounce: number
  readonly entryPage: string
  readonly exitPage: string
  readonly engagementMs: number
  readonly utmSource: string
}

/**
 * The sessions of one site by the plain reference of the rules. Visitors are told apart by the address they sent from, not
 * by anything the pipeline says.
 * @param placed of every partition, each in the log's order
 */
export function sessionsByReference(
  placed: readonly PlacedEvent[],
  inactivityGapS: number,
): ExpectedSession[] {
  const sessions = new Map<object, PlacedEvent[]>()
  for (const ofVisitor of byVisitor(placed)) {
    const events = ofVisitor.map(({ event: { site, name, address }, timestamp }) =>
      anEnrichedEvent({ site, name, timestamp, userId: address, previousUserId: address }),
    )
    referenceSessions(events, inactivityGapS).forEach((session, index) => {
      if (session !== undefined) append(sessions, session, ofVisitor[index]!)
    })
  }
  return [...sessions.values()]
}

/**
 * The same once more by another way: a visitor's events in the order of time are cut where the silence is longer than
 * the gap. Right only for visitors whose events lie in the log in the order of time; of others it says nothing.
 */
export function sessionsBySilence(placed: readonly PlacedEvent[], inactivityGapS: number): ExpectedSession[] {
  const sessions: PlacedEvent[][] = []
  for (const ofVisitor of byVisitor(placed).filter(isInOrderOfTime)) {
    let last = -Infinity
    let session: PlacedEvent[] | undefined
    for (const one of ofVisitor) {
      if (session === undefined || one.timestamp - last > inactivityGapS) {
        if (one.event.name === 'engagement') continue
        session = []
        sessions.push(session)
      }
      session.push(one)
      last = one.timestamp
    }
  }
  return sessions
}

export function isInOrderOfTime(events: readonly PlacedEvent[]): boolean {
  return events.every(({ timestamp }, index) => timestamp >= (events[index - 1]?.timestamp ?? 0))
}

/** The events of each visitor of a site, in the log's order. */
export function byVisitor(placed: readonly PlacedEvent[]): PlacedEvent[][] {
  const visitors = new Map<string, PlacedEvent[]>()
  for (const one of placed) append(visitors, `${one.event.address} ${one.event.site}`, one)
  return [...visitors.values()]
}

function append<Key>(lists: Map<Key, PlacedEvent[]>, key: Key, one: PlacedEvent): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [one])
  else list.push(one)
}

export function expectedSessionRow(session: ExpectedSession): ExpectedSessionRow {
  const opener = session[0]!
  const counting = session.filter(({ event }) => event.name !== 'engagement')
  const pages = counting.filter(({ event }) => event.name === 'pageview').toSorted(byTimeThenOffset)
  const hasInteracted = counting.some(({ event }) => event.name !== 'pageview' && event.interactive)
  const times = (events: readonly PlacedEvent[]) => events.map(({ timestamp }) => timestamp)
  return {
    start: opener.timestamp,
    lastActivity: Math.max(...times(session)),
    duration: Math.max(...times(counting)) - Math.min(...times(counting)),
    pageviews: pages.length,
    events: counting.length,
    isBounce: pages.length <= 1 && !hasInteracted ? 1 : 0,
    entryPage: pages[0]?.event.id ?? '',
    exitPage: pages.at(-1)?.event.id ?? '',
    engagementMs: session.reduce((sum, { event }) => sum + event.engagementMs, 0),
    utmSource: opener.event.utmSource,
  }
}

function byTimeThenOffset(a: PlacedEvent, b: PlacedEvent): number {
  return a.timestamp - b.timestamp || a.kafkaOffset - b.kafkaOffset
}
