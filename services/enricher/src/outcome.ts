import {
  decodeRawEvent,
  UndecodableRecordError,
  type DeadLetter,
  type DropReason,
  type EnrichedDrop,
  type EnrichedEvent,
  type RawEvent,
} from '@millrace/events'
import type { LogRecord } from '@millrace/log'
import { describeError } from '@millrace/runtime'
import type { VisitorSalts } from './salts.ts'

/** What becomes of one raw record: exactly one of these. */
export type Outcome =
  | { readonly kind: 'event'; readonly record: EnrichedEvent }
  | { readonly kind: 'drop'; readonly record: EnrichedDrop }
  | { readonly kind: 'dead-letter'; readonly letter: DeadLetter }
  | { readonly kind: 'repeat' }

export interface OutcomeRules {
  /** Adds what can be known; may throw on an event it cannot handle. */
  readonly enrich: (raw: RawEvent, context: VisitorSalts & { readonly rawOffset: number }) => EnrichedEvent
  /** Whether the site turns visitors from this country away. */
  readonly isCountryShielded: (site: string, country: string) => boolean
}

/** The bytes of a raw record that a dead letter holds; base64 adds a third and the letter must fit into the log. */
const deadLetterBytesMax = 600_000

/** @returns the event, or the error that makes the record a dead letter */
export function decodeOrError(value: Buffer): RawEvent | UndecodableRecordError {
  try {
    return decodeRawEvent(value)
  } catch (error) {
    if (error instanceof UndecodableRecordError) return error
    throw error
  }
}

/** A piece of a request that its protocol's decoder could not read as an event. */
class MalformedPieceError extends Error {
  override readonly name = 'MalformedPieceError'
}

/** What becomes of a decoded event that the partition has not held before. @throws what makes it a dead letter */
export function outcomeOf(
  raw: RawEvent,
  context: { readonly rawOffset: number; readonly salts: VisitorSalts },
  rules: OutcomeRules,
): Outcome {
  const { rawOffset, salts } = context
  if (raw.malformed !== undefined && raw.drop === undefined)
    throw new MalformedPieceError(raw.malformed.cause)
  // A bot from a shielded country counts as shielded: in Plausible's order the country comes before the bot.
  if (raw.drop !== undefined && raw.drop !== 'bot') return dropOf(raw, rawOffset, raw.drop)
  const enrichment = { rawOffset, salt: salts.salt, previousSalt: salts.previousSalt }
  const record = rules.enrich(raw, enrichment)
  // A shield asks where the address is, whatever the event says of its place.
  const { country } =
    raw.overrides?.country === undefined ? record : rules.enrich({ ...raw, overrides: undefined }, enrichment)
  if (rules.isCountryShielded(raw.site, country)) {
    return dropOf(raw, rawOffset, 'site_country_blocklist')
  }
  return raw.drop === undefined ? { kind: 'event', record } : dropOf(raw, rawOffset, raw.drop)
}

function dropOf(raw: RawEvent, rawOffset: number, reason: DropReason): Outcome {
  const { receivedAt, protocol, site, hostname, pathname, userAgent } = raw
  return {
    kind: 'drop',
    record: {
      kind: 'drop',
      rawOffset,
      receivedAt,
      reason,
      protocol,
      site,
      hostname,
      pathname,
      userAgent,
    },
  }
}

/** The record as a dead letter: its bytes, why, and where it lies. */
export function deadLetterOf(
  record: LogRecord,
  cause: unknown,
  place: { readonly topic: string; readonly partition: number; readonly failedAt: number },
): Outcome {
  const { topic, partition, failedAt } = place
  const isCut = record.value.length > deadLetterBytesMax
  const cut = isCut ? ` (cut to ${String(deadLetterBytesMax)} of ${String(record.value.length)} bytes)` : ''
  return {
    kind: 'dead-letter',
    letter: {
      stage: 'enricher',
      cause: `${describeError(cause)}${cut}`,
      record: record.value.subarray(0, deadLetterBytesMax).toString('base64'),
      topic,
      partition,
      offset: record.offset,
      failedAt,
    },
  }
}
