import { decodeEnrichedRecord, decodeRawEvent, topics, UndecodableRecordError } from '@millrace/events'
import type { DeadLetterRow, EventRow } from '@millrace/clickhouse'
import type { Broker } from '../log/broker.ts'
import type { StoreServer } from '../store/store-server.ts'

/** What a table row says of the raw record it came from. */
export interface StoredRow {
  readonly kind: 'event' | 'drop' | 'dead letter'
  /** Place of the raw record; undefined for what never was one. */
  readonly place: { readonly partition: number; readonly rawOffset: number } | undefined
  /** Place of the record that the sink read; undefined for the enricher's dead letters. */
  readonly read: { readonly topic: string; readonly partition: number; readonly offset: number } | undefined
  /** Site and path; undefined for undecodable bytes. */
  readonly identity: string | undefined
  readonly row: EventRow | undefined
  /** Of a drop its reason, of a dead letter its stage. */
  readonly why: string
}

/** Every row of the three tables. */
export function storedRows({ tables }: StoreServer, broker: Broker): readonly StoredRow[] {
  return [
    ...tables.events.map((row): StoredRow => ({
      kind: 'event',
      place: { partition: row.kafkaPartition, rawOffset: row.rawOffset },
      read: { topic: topics.enriched, partition: row.kafkaPartition, offset: row.kafkaOffset },
      identity: identityOf(row),
      row,
      why: '',
    })),
    ...tables.drops.map((row): StoredRow => ({
      kind: 'drop',
      place: { partition: row.kafkaPartition, rawOffset: row.rawOffset },
      read: { topic: topics.enriched, partition: row.kafkaPartition, offset: row.kafkaOffset },
      identity: identityOf(row),
      row: undefined,
      why: row.reason,
    })),
    ...tables.deadLetters.map((letter) => storedLetter(letter, broker)),
  ]
}

export function identityOf({ site, pathname }: { readonly site: string; readonly pathname: string }): string {
  return `${site} ${pathname}`
}

function storedLetter(letter: DeadLetterRow, broker: Broker): StoredRow {
  const { topic, kafkaPartition: partition, kafkaOffset: offset, stage } = letter
  if (topic === topics.raw) {
    const place = { partition, rawOffset: offset }
    const raw = decodedOrUndefined(() => decodeRawEvent(letter.record))
    const identity = raw === undefined ? undefined : identityOf(raw)
    return { kind: 'dead letter', place, read: undefined, identity, row: undefined, why: stage }
  }
  const record = broker.partition(topic, partition).records[offset]
  const enriched = decodedOrUndefined(() => decodeEnrichedRecord(record?.value ?? letter.record))
  const place = enriched === undefined ? undefined : { partition, rawOffset: enriched.rawOffset }
  const identity = enriched === undefined ? undefined : identityOf(enriched)
  return {
    kind: 'dead letter',
    place,
    read: { topic, partition, offset },
    identity,
    row: undefined,
    why: stage,
  }
}

function decodedOrUndefined<T>(decode: () => T): T | undefined {
  try {
    return decode()
  } catch (error) {
    if (error instanceof UndecodableRecordError) return undefined
    throw error
  }
}
