import { enrichedRecordSchema, type EnrichedRecord } from './enriched-record.ts'
import { isEnrichedRecord, uncheckedOf, valuesOf } from './enriched-values.ts'
import { UndecodableRecordError } from './undecodable-record-error.ts'

/** The record as a JSON array: the format's version, then its values in the order of the schema, `overrides` last. */
export function encodeEnrichedRecord(record: EnrichedRecord): Buffer {
  return Buffer.from(JSON.stringify(valuesOf(record)))
}

/**
 * Reads the array, and the object that was written before there was a format version. A part of a larger buffer is read in its
 * place, as a view of it would cost more than it is worth.
 * @throws UndecodableRecordError when the bytes are not an enriched record; its cause names the field
 */
export function decodeEnrichedRecord(value: Buffer, start = 0, end = value.length): EnrichedRecord {
  try {
    const read: unknown = JSON.parse(value.toString('utf8', start, end))
    if (!Array.isArray(read)) return enrichedRecordSchema.parse(read)
    const found = uncheckedOf(read)
    return isEnrichedRecord(found) ? found : enrichedRecordSchema.parse(found)
  } catch (cause) {
    throw new UndecodableRecordError('not an enriched record', { cause })
  }
}
