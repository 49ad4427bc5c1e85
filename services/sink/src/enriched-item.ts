import type { DeadLetterRow, DroppedEventRow, EventRow } from '@millrace/clickhouse'
import {
  decodeEnrichedRecord,
  UndecodableRecordError,
  type DropReason,
  type EnrichedDrop,
  type EnrichedEvent,
  type EnrichedRecord,
} from '@millrace/events'
import { describeError } from '@millrace/runtime'
import type { Session } from '@millrace/sessions'
import { bytesOf, type KeptRecord } from './kept-records.ts'

/** A record of the enriched topic: an event, a drop, or bytes that are neither. */
export type EnrichedItem = EnrichedPlace & EnrichedContent
interface EnrichedPlace {
  readonly offset: number
  readonly appendedAt: number
  /** Undefined where the record does not tell. */
  readonly rawOffset: number | undefined
}
type EnrichedContent =
  | { readonly kind: 'event'; readonly event: EnrichedEvent }
  | { readonly kind: 'drop'; readonly drop: EnrichedDrop }
  | { readonly kind: 'undecodable'; readonly cause: string; readonly bytes: Buffer }

const visitorIdLength = 16
const timestampMax = 2 ** 32 - 1

export function decodeEnrichedItem(record: KeptRecord): EnrichedItem {
  const { offset, appendedAt } = record
  const decoded = decodedOrProblem(record)
  if (decoded instanceof UndecodableRecordError) {
    const [cause, bytes] = [describeError(decoded), Buffer.from(bytesOf(record))]
    return { offset, appendedAt, rawOffset: undefined, kind: 'undecodable', cause, bytes }
  }
  const { rawOffset } = decoded
  const cause = problemOf(decoded)
  if (cause !== undefined) {
    const bytes = Buffer.from(bytesOf(record))
    return { offset, appendedAt, rawOffset, kind: 'undecodable', cause, bytes }
  }
  if (decoded.kind === 'drop') return { offset, appendedAt, rawOffset, kind: 'drop', drop: decoded }
  return { offset, appendedAt, rawOffset, kind: 'event', event: decoded }
}

function decodedOrProblem({ slab, start, end }: KeptRecord): EnrichedRecord | UndecodableRecordError {
  try {
    return decodeEnrichedRecord(slab, start, end)
  } catch (error) {
    if (error instanceof UndecodableRecordError) return error
    throw error
  }
}

/** What session arithmetic, repeats and recovery rest on is checked before any of them sees the record. */
function problemOf(record: EnrichedRecord): string | undefined {
  if (record.kind === 'event' && !isTime(record.timestamp)) return noTime(record.timestamp)
  if (!isTime(receivedSecond(record))) return noTime(receivedSecond(record))
  if (!Number.isSafeInteger(record.rawOffset) || record.rawOffset < 0) {
    return `not a raw offset: ${record.rawOffset}`
  }
  if (record.kind === 'drop') return undefined
  const isVisitor = isVisitorId(record.userId) && isVisitorId(record.previousUserId)
  return isVisitor ? undefined : 'a visitor id is not 16 hex digits'
}

function isTime(seconds: number): boolean {
  return Number.isInteger(seconds) && seconds >= 0 && seconds <= timestampMax
}

function noTime(seconds: number): string {
  return `not a time in Unix seconds: ${seconds}`
}

/** 16 lower-case hex digits. Not a regular expression, as it runs twice for each event. */
function isVisitorId(text: string): boolean {
  if (text.length !== visitorIdLength) return false
  for (let index = 0; index < visitorIdLength; index++) {
    const code = text.charCodeAt(index)
    const isDigit = (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66)
    if (!isDigit) return false
  }
  return true
}

/** When it was received, Unix seconds: as the tables keep it. */
export function receivedSecond({ receivedAt }: Pick<EnrichedRecord, 'receivedAt'>): number {
  return Math.floor(receivedAt / 1000)
}

export interface RowPlace {
  readonly kafkaPartition: number
  readonly kafkaOffset: number
}

/**
 * The event with its session's visitor id and first touch. Written out: with spreads it costs several times as much.
 * @param place.ingestedAt Unix seconds
 */
export function eventRow(
  event: EnrichedEvent,
  session: Session,
  { kafkaPartition, kafkaOffset, ingestedAt }: RowPlace & { readonly ingestedAt: number },
): EventRow {
  const { firstTouch } = session
  return {
    rawOffset: event.rawOffset,
    receivedAt: event.receivedAt,
    timestamp: event.timestamp,
    protocol: event.protocol,
    site: event.site,
    name: event.name,
    visitorId: event.visitorId,
    hostname: event.hostname,
    pathname: event.pathname,
    title: event.title,
    props: event.props,
    scrollDepth: event.scrollDepth,
    engagementMs: event.engagementMs,
    interactive: event.interactive,
    revenue: event.revenue,
    currency: event.currency,
    isBot: event.isBot,
    botReason: event.botReason,
    ipClass: event.ipClass,
    clientEventId: event.clientEventId,
    enrichmentVersion: event.enrichmentVersion,
    referrer: firstTouch.referrer,
    source: firstTouch.source,
    channel: firstTouch.channel,
    utmSource: firstTouch.utmSource,
    utmMedium: firstTouch.utmMedium,
    utmCampaign: firstTouch.utmCampaign,
    utmContent: firstTouch.utmContent,
    utmTerm: firstTouch.utmTerm,
    clickIdParam: firstTouch.clickIdParam,
    country: firstTouch.country,
    subdivision1: firstTouch.subdivision1,
    subdivision2: firstTouch.subdivision2,
    cityGeonameId: firstTouch.cityGeonameId,
    city: firstTouch.city,
    asn: firstTouch.asn,
    browser: firstTouch.browser,
    browserVersion: firstTouch.browserVersion,
    os: firstTouch.os,
    osVersion: firstTouch.osVersion,
    device: firstTouch.device,
    language: firstTouch.language,
    userId: session.userId,
    sessionStart: session.start,
    sessionHash: session.hash,
    kafkaPartition,
    kafkaOffset,
    ingestedAt,
  }
}

export function dropRow(drop: EnrichedDrop, place: RowPlace): DroppedEventRow {
  const { site, reason, protocol, hostname, pathname, userAgent, rawOffset } = drop
  const timestamp = receivedSecond(drop)
  return { site, timestamp, reason, protocol, hostname, pathname, userAgent, rawOffset, ...place }
}

/** An event that the sink drops by its own rules; enriched events hold no user agent. */
export function droppedRow(event: EnrichedEvent, reason: DropReason, place: RowPlace): DroppedEventRow {
  const { site, protocol, hostname, pathname, rawOffset } = event
  const timestamp = receivedSecond(event)
  return { site, timestamp, reason, protocol, hostname, pathname, userAgent: '', rawOffset, ...place }
}

/** The time is the record's, so that a repeat gives the same row. */
export function deadLetterRow(
  letter: {
    readonly cause: string
    readonly record: Buffer
    readonly appendedAt: number
    readonly topic: string
  },
  place: RowPlace,
): DeadLetterRow {
  const { cause, record, topic, appendedAt } = letter
  const timestamp = Math.min(timestampMax, Math.max(0, Math.floor(appendedAt / 1000)))
  return { timestamp, stage: 'sink', cause, record, topic, ...place }
}
