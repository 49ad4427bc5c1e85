import {
  encodeDeadLetter,
  encodeEnrichedRecord,
  topics,
  UndecodableRecordError,
  type DropReason,
  type EnrichedRecord,
  type RawEvent,
} from '@millrace/events'
import type { AppendRecord, LogRecord } from '@millrace/log'
import { assert, unreachable } from '@millrace/runtime'
import { deadLetterOf, decodeOrError, outcomeOf, type Outcome, type OutcomeRules } from './outcome.ts'
import type { ProducerSequences } from './producer-sequences.ts'
import type { VisitorSalts } from './salts.ts'

const dayMs = 86_400_000
/** A record larger than this becomes a dead letter: the log would refuse it for ever (Kafka takes 1 MiB). */
const enrichedBytesMax = 900_000

export interface DecodedRecord {
  readonly record: LogRecord
  readonly raw: RawEvent | UndecodableRecordError
}

export interface SettleContext {
  readonly partition: number
  /** By UTC day number, for every day in the batch. */
  readonly salts: ReadonlyMap<number, VisitorSalts>
  readonly sequences: ProducerSequences
  readonly rules: OutcomeRules
  readonly deadLetterPartitions: number
  readonly failedAt: number
}

/** A batch of raw records, each turned into exactly one of: event, drop, dead letter, repeat. */
export interface SettledBatch {
  readonly deadLetters: AppendRecord[]
  /** Events and drops in the order of their raw records, for the partition of the same number. */
  readonly enriched: AppendRecord[]
  readonly drops: Map<DropReason, number>
  readonly failures: { readonly offset: number; readonly cause: string }[]
  events: number
  repeats: number
  /** Unix milliseconds; 0 when nothing could be decoded. */
  newestReceivedAt: number
}

export function decodeBatch(records: readonly LogRecord[]): DecodedRecord[] {
  return records.map((record) => ({ record, raw: decodeOrError(record.value) }))
}

/** Days since 1970 in UTC. */
export function dayNumber(atMs: number): number {
  return Math.floor(atMs / dayMs)
}

/**
 * Days on which records were received and whose salts are not at hand, each with an instant of it. The earlier day first:
 * one that has no salt yet gets it before the day after asks for it.
 */
export function daysOf(
  decoded: readonly DecodedRecord[],
  salts: ReadonlyMap<number, VisitorSalts>,
): [day: number, receivedAt: number][] {
  const days = new Map<number, number>()
  for (const { raw } of decoded) {
    if (raw instanceof UndecodableRecordError) continue
    const day = dayNumber(raw.receivedAt)
    if (!salts.has(day)) days.set(day, raw.receivedAt)
  }
  return [...days].toSorted(([one], [other]) => one - other)
}

export function nothingSettled(): SettledBatch {
  return {
    deadLetters: [],
    enriched: [],
    drops: new Map(),
    failures: [],
    events: 0,
    repeats: 0,
    newestReceivedAt: 0,
  }
}

/** Settles the records into the batch, in their order. */
export function settleBatch(
  decoded: readonly DecodedRecord[],
  context: SettleContext,
  settled: SettledBatch,
): void {
  for (const entry of decoded) {
    const { raw } = entry
    if (!(raw instanceof UndecodableRecordError)) {
      settled.newestReceivedAt = Math.max(settled.newestReceivedAt, raw.receivedAt)
    }
    take(settleRecord(entry, context), { settled, context, record: entry.record })
  }
}

function settleRecord({ record, raw }: DecodedRecord, context: SettleContext): Outcome {
  const { partition, failedAt, sequences } = context
  const place = { topic: topics.raw, partition, failedAt }
  if (raw instanceof UndecodableRecordError) return deadLetterOf(record, raw, place)
  if (!sequences.admit(raw)) return { kind: 'repeat' }
  const salts = context.salts.get(dayNumber(raw.receivedAt))
  assert(salts !== undefined, 'the salts of every day in the batch are at hand')
  try {
    return outcomeOf(raw, { rawOffset: record.offset, salts }, context.rules)
  } catch (error) {
    return deadLetterOf(record, error, place)
  }
}

function take(
  outcome: Outcome,
  into: { readonly settled: SettledBatch; readonly context: SettleContext; readonly record: LogRecord },
): void {
  const { settled, context, record } = into
  switch (outcome.kind) {
    case 'repeat':
      settled.repeats++
      return
    case 'dead-letter': {
      const { partition, deadLetterPartitions } = context
      const value = encodeDeadLetter(outcome.letter)
      settled.failures.push({ offset: record.offset, cause: outcome.letter.cause })
      settled.deadLetters.push({
        topic: topics.deadLetter,
        partition: partition % deadLetterPartitions,
        key: null,
        value,
      })
      return
    }
    case 'event':
    case 'drop':
      takeEnriched(outcome.record, into)
      return
    default:
      unreachable(outcome)
  }
}

function takeEnriched(
  enriched: EnrichedRecord,
  into: { readonly settled: SettledBatch; readonly context: SettleContext; readonly record: LogRecord },
): void {
  const { settled, context, record } = into
  const { partition, failedAt } = context
  const value = encodeEnrichedRecord(enriched)
  if (value.length > enrichedBytesMax) {
    const cause = new Error(
      `the enriched record of ${String(value.length)} bytes is larger than the log takes`,
    )
    take(deadLetterOf(record, cause, { topic: topics.raw, partition, failedAt }), into)
    return
  }
  // No key: the raw record's holds the address, and the partition is given.
  settled.enriched.push({ topic: topics.enriched, partition, key: null, value })
  if (enriched.kind === 'event') settled.events++
  else settled.drops.set(enriched.reason, (settled.drops.get(enriched.reason) ?? 0) + 1)
}
