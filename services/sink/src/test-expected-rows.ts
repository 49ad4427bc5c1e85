import type { EnrichedEvent, EnrichedRecord } from '@millrace/events'
import type { FirstTouch } from '@millrace/sessions'
import { referenceSessions, referenceTouches, type ReferenceSession } from '@millrace/sessions/testing'
import type { FakeStore } from './testing.ts'

/**
 * What must be in the tables, by the rules: the enricher's repeats out, poison rows out, clients' repeats dropped.
 * @param log undefined for bytes that are no record
 */
export function expectedRows(
  log: readonly (EnrichedRecord | undefined)[],
  { gapS, windowS }: { readonly gapS: number; readonly windowS: number },
): StoredRows {
  let raw = -1
  const rows: StoredRows = { events: [], drops: [], deadLetters: [], passedOver: [] }
  const stored: StoredEvent[] = []
  log.forEach((record, offset) => {
    if (record === undefined) {
      rows.deadLetters.push(offset)
      return
    }
    if (record.rawOffset <= raw) {
      rows.passedOver.push(offset)
      return
    }
    raw = record.rawOffset
    if (record.kind === 'drop') rows.drops.push({ offset, reason: record.reason })
    else if (stored.some((other) => isRepeatOf(other, record, windowS)))
      rows.drops.push({ offset, reason: 'repeat' })
    else if (isRefusedRow(record)) rows.deadLetters.push(offset)
    else {
      const events = [...stored.map(({ event }) => event), record]
      const sessions = referenceSessions(events, gapS)
      const [session, touch] = [sessions.at(-1), referenceTouches(events, sessions).at(-1)]
      if (session === undefined || touch === undefined) {
        rows.drops.push({ offset, reason: 'no_session_for_engagement' })
      } else {
        stored.push({ event: record, userId: session.userId })
        rows.events.push({ offset, ...expectedRow(record, session, touch) })
      }
    }
  })
  return rows
}

export interface StoredRows {
  readonly events: object[]
  readonly drops: { readonly offset: number; readonly reason: string }[]
  readonly deadLetters: number[]
  readonly passedOver: number[]
}

interface StoredEvent {
  readonly event: EnrichedEvent
  /** Of its row. */
  readonly userId: string
}

/** Whether the encoder or the store refuses it. */
export const isRefusedRow = ({ title, scrollDepth }: Pick<EnrichedEvent, 'title' | 'scrollDepth'>): boolean =>
  title === 'poison' || scrollDepth > 255

function isRepeatOf({ event, userId }: StoredEvent, later: EnrichedEvent, windowS: number): boolean {
  const isSame = event.clientEventId === later.clientEventId && event.clientEventId !== ''
  const isVisitor = userId === later.userId || userId === later.previousUserId
  return isSame && isVisitor && Math.abs(later.receivedAt - event.receivedAt) <= windowS * 1000
}

function expectedRow(
  { rawOffset, timestamp }: EnrichedEvent,
  { userId, start }: ReferenceSession,
  { source, country, city, device }: FirstTouch,
) {
  return { rawOffset, timestamp, userId, start, source, country, city, device }
}

/** What is in the tables. */
export function storedRows({ events, drops, deadLetters, passedOver }: FakeStore): StoredRows {
  return {
    events: events
      .map(({ kafkaOffset: offset, rawOffset, timestamp, userId, sessionStart: start, ...touch }) => {
        const { source, country, city, device } = touch
        return { offset, rawOffset, timestamp, userId, start, source, country, city, device }
      })
      .toSorted((a, b) => a.offset - b.offset),
    drops: drops
      .map(({ kafkaOffset, reason }) => ({ offset: kafkaOffset, reason }))
      .toSorted((a, b) => a.offset - b.offset),
    deadLetters: deadLetters.map(({ kafkaOffset }) => kafkaOffset).toSorted(byNumber),
    passedOver: [...new Set(passedOver.map(({ kafkaOffset }) => kafkaOffset))].toSorted(byNumber),
  }
}

const byNumber = (a: number, b: number): number => a - b
