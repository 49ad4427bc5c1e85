import {
  decodeRawEvent,
  topics,
  UndecodableRecordError,
  type EnrichedEvent,
  type RawEvent,
} from '@millrace/events'
import type { LogRecord } from '@millrace/log'
import { sessionHash, type FirstTouch } from '@millrace/sessions'
import { referenceSessions, referenceTouches, type ReferenceSession } from '@millrace/sessions/testing'
import type { Broker } from '../log/broker.ts'
import { enrichmentRules } from '../pipeline/enrichment-rules.ts'
import { refusedMark } from '../store/store-server.ts'

/** What must become of one raw record; `repeat` leaves nothing behind. */
export type ExpectedRow =
  | {
      readonly kind: 'event'
      readonly event: EnrichedEvent
      readonly userId: string
      readonly sessionStart: number
      readonly sessionHash: number
      readonly firstTouch: FirstTouch
    }
  | { readonly kind: 'drop'; readonly reason: string }
  | { readonly kind: 'dead letter'; readonly stage: 'enricher' | 'sink' }
  | { readonly kind: 'repeat'; readonly raw: RawEvent }

/** The rules' numbers, seconds. */
export interface RowRules {
  readonly inactivityGapS: number
  readonly repeatWindowS: number
}

/** By the rules alone, from the raw log as it lies there in the end, without any of the pipeline's bookkeeping. */
export function expectedRows(broker: Broker, partition: number, rules: RowRules): readonly ExpectedRow[] {
  const salts = saltsOf(broker)
  const lastSequences = new Map<string, number>()
  const { records } = broker.partition(topics.raw, partition)
  const settled = records.map((record) => settle(record, { salts, lastSequences }))
  const assigned = assignedEvents(
    settled.flatMap((one) => ('event' in one ? [one.event] : [])),
    rules,
  )
  let next = 0
  return settled.map((one): ExpectedRow => {
    if ('kind' in one) return one
    const found = assigned[next++]
    if (found === 'repeat') return { kind: 'drop', reason: 'repeat' }
    if (found === undefined) return { kind: 'drop', reason: 'no_session_for_engagement' }
    const { site, userId, start } = found.session
    return {
      kind: 'event',
      event: one.event,
      userId,
      sessionStart: start,
      sessionHash: sessionHash(site, userId),
      firstTouch: found.firstTouch,
    }
  })
}

interface Assigned {
  readonly session: ReferenceSession
  readonly firstTouch: FirstTouch
}

/** The session of each event, or that a client has sent it before: repeats are in no session. */
function assignedEvents(
  events: readonly EnrichedEvent[],
  { inactivityGapS, repeatWindowS }: RowRules,
): readonly (Assigned | 'repeat' | undefined)[] {
  const repeats = new Set<EnrichedEvent>()
  for (;;) {
    const kept = events.filter((event) => !repeats.has(event))
    const sessions = referenceSessions(kept, inactivityGapS)
    // What comes later changes nothing of what was before, so the first repeat that is found is one.
    const repeat = kept.find((event, index) => {
      const before = kept.slice(0, index).map((stored, at) => ({ stored, userId: sessions[at]?.userId }))
      return isRepeat(event, before, repeatWindowS)
    })
    if (repeat === undefined) {
      const touches = referenceTouches(kept, sessions)
      const assigned = sessions.map((session, index) => {
        const firstTouch = touches[index]
        return session && firstTouch && { session, firstTouch }
      })
      let next = 0
      return events.map((event) => (repeats.has(event) ? 'repeat' : assigned[next++]))
    }
    repeats.add(repeat)
  }
}

function isRepeat(
  { site, clientEventId, userId, previousUserId, receivedAt }: EnrichedEvent,
  before: readonly { readonly stored: EnrichedEvent; readonly userId: string | undefined }[],
  windowS: number,
): boolean {
  if (clientEventId === '') return false
  return before.some(
    ({ stored, userId: storedUserId }) =>
      stored.clientEventId === clientEventId &&
      stored.site === site &&
      (storedUserId === userId || storedUserId === previousUserId) &&
      Math.abs(Math.floor(receivedAt / 1000) - Math.floor(stored.receivedAt / 1000)) <= windowS,
  )
}

type Settled = { readonly event: EnrichedEvent } | Exclude<ExpectedRow, { readonly kind: 'event' }>

const { enrich, isCountryShielded } = enrichmentRules()
const dayMs = 86_400_000

function settle(
  { value, offset: rawOffset }: LogRecord,
  known: { readonly salts: ReadonlyMap<string, Buffer>; readonly lastSequences: Map<string, number> },
): Settled {
  const raw = decoded(value)
  if (raw === undefined) return { kind: 'dead letter', stage: 'enricher' }
  const { producerId, producerSequence, receivedAt } = raw
  if (producerSequence <= (known.lastSequences.get(producerId) ?? 0)) return { kind: 'repeat', raw }
  known.lastSequences.set(producerId, producerSequence)
  const drop = (reason: string): Settled => (isRefused(raw) ? refused : { kind: 'drop', reason })
  if (raw.drop !== undefined && raw.drop !== 'bot') return drop(raw.drop)
  const salt = saltOf(known.salts, receivedAt)
  // Where the day before has none, no event of it has an id.
  const previousSalt = known.salts.get(new Date(receivedAt - dayMs).toISOString().slice(0, 10)) ?? salt
  try {
    const event = enrich(raw, { salt, previousSalt, rawOffset })
    if (isCountryShielded(raw.site, event.country)) return drop('site_country_blocklist')
    if (raw.drop !== undefined) return drop(raw.drop)
    // A refused row is in no session.
    return isRefused(raw) ? refused : { event }
  } catch {
    return { kind: 'dead letter', stage: 'enricher' }
  }
}

const refused: Settled = { kind: 'dead letter', stage: 'sink' }

function isRefused({ pathname }: RawEvent): boolean {
  return pathname.includes(refusedMark)
}

function decoded(value: Buffer): RawEvent | undefined {
  try {
    return decodeRawEvent(value)
  } catch (error) {
    if (error instanceof UndecodableRecordError) return undefined
    throw error
  }
}

/** The first record of a day wins. */
function saltsOf(broker: Broker): ReadonlyMap<string, Buffer> {
  const salts = new Map<string, Buffer>()
  for (const { value } of broker.partition(topics.salts, 0).records) {
    const { day, salt } = JSON.parse(value.toString()) as { day: string; salt: string }
    if (!salts.has(day)) salts.set(day, Buffer.from(salt, 'base64'))
  }
  return salts
}

function saltOf(salts: ReadonlyMap<string, Buffer>, at: number): Buffer {
  const day = new Date(at).toISOString().slice(0, 10)
  const salt = salts.get(day)
  if (salt === undefined) throw new Error(`no salt of ${day} was agreed on`)
  return salt
}
