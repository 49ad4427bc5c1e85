import { enrichedRecordSchema, type EnrichedRecord } from './enriched-record.ts'
import { isEnrichedRecord, uncheckedOf, valuesOf } from './enriched-values.ts'
import { UndecodableRecordError } from './undecodable-record-error.ts'

/** The record as a JSON array: the format's version, then its values in the order of the schema, `overrides` last. */
export function encodeEnrichedRecord(record: EnrichedRecord): Buffer {
  return Buffer.from(JSON.stringify(valuesOf(record)))
}

/**
 * Reads the array, and the object that was written before there was a format version.
 * @throws UndecodableRecordError when the bytes are not an enriched record; its cause names the field
 */
export function decodeEnrichedRecord(value: Buffer): EnrichedRecord {
  try {
    const read: unknown = JSON.parse(value.toString('utf8'))
    if (!Array.isArray(read)) return enrichedRecordSchema.parse(read)
    const found = uncheckedOf(read)
    return isEnrichedRecord(found) ? found : enrichedRecordSchema.parse(found)
  } catch (cause) {
    throw new UndecodableRecordError('not an enriched record', { cause })
  }
}
