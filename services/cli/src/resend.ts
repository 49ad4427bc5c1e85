import {
  decodeRawEvent,
  encodeRawEvent,
  enrichedTraceOf,
  topics,
  UndecodableRecordError,
  type EnrichedTrace,
  type RawEvent,
} from '@millrace/events'
import type { AppendRecord, Log } from '@millrace/log'
import { describeError } from '@millrace/runtime'
import type { Letter } from './letter.ts'

/** Why a letter stays where it is. */
export interface Refusal {
  readonly cause: string
}

/** Place of a raw record: partition and offset. */
interface RawPlace {
  readonly partition: number
  readonly offset: number
}

/**
 * The raw record to append for a letter. A letter of the enricher is that record; a letter of the sink leads to it by its
 * raw offset, as long as the raw topic retains it: sent on from where the sink met it, under its old raw offset, it would
 * be taken for a repeat.
 */
export async function resendOf(letter: Letter, log: Pick<Log, 'read'>): Promise<AppendRecord | Refusal> {
  const place = { partition: Number(letter.partition), offset: Number(letter.offset) }
  const bytes = Buffer.from(letter.record, 'base64')
  if (letter.topic === topics.raw) return resendOfRaw(bytes, place)
  if (letter.topic === topics.enriched) return resendOfEnriched(bytes, place.partition, log)
  return { cause: `letters of ${letter.topic} hold no event` }
}

async function resendOfEnriched(
  bytes: Buffer,
  partition: number,
  log: Pick<Log, 'read'>,
): Promise<AppendRecord | Refusal> {
  const enriched = enrichedTraceOf(bytes)
  if (enriched === undefined) return { cause: 'no raw offset can be read from it' }
  const place = { partition, offset: enriched.rawOffset }
  const raw = await log.read({ topic: topics.raw, ...place })
  if (raw === undefined)
    return { cause: `its raw record, ${partition}-${place.offset}, is no longer retained` }
  return resendOfRaw(raw.value, place, enriched)
}

/**
 * Under its old identity the enricher would take it for a repeat; this one is the same at every try.
 * @param trace what the enriched record says of its raw record, to be held to it
 */
function resendOfRaw(bytes: Buffer, place: RawPlace, trace?: EnrichedTrace): AppendRecord | Refusal {
  let event: RawEvent
  try {
    event = decodeRawEvent(bytes)
  } catch (error) {
    if (!(error instanceof UndecodableRecordError)) throw error
    return { cause: describeError(error) }
  }
  if (trace !== undefined && (trace.site !== event.site || trace.receivedAt !== event.receivedAt)) {
    return { cause: `another event lies at ${place.partition}-${place.offset}: the log was replaced` }
  }
  const producerId = `requeue-${place.partition}-${place.offset}`
  const value = encodeRawEvent({ ...event, producerId, producerSequence: 1 })
  return { topic: topics.raw, partition: place.partition, key: null, value }
}
