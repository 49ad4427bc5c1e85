import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { anyOf } from './any-of.ts'
import { decodeEnrichedRecord, encodeEnrichedRecord } from './enriched-codec.ts'
import { enrichedDropSchema, enrichedEventSchema, type EnrichedRecord } from './enriched-record.ts'
import { anEnrichedEvent } from './testing.ts'
import { UndecodableRecordError } from './undecodable-record-error.ts'

const schemas = { event: enrichedEventSchema, drop: enrichedDropSchema }
const kinds = ['event', 'drop'] as const
const drop = {
  kind: 'drop',
  rawOffset: 7,
  receivedAt: 1_795_262_400_123,
  reason: 'bot',
  protocol: 'plausible',
  site: 'example.com',
  hostname: 'www.example.com',
  pathname: '/',
  userAgent: 'curl/8',
} as const

describe('an enriched record', () => {
  it.each(kinds)('is read as it was written (%s)', (kind) => {
    fc.assert(
      fc.property(anyOf(schemas[kind]), (record) => {
        expect(decodeEnrichedRecord(encodeEnrichedRecord(record))).toEqual(asJson(record))
      }),
    )
  })

  it.each(kinds)('is the version of its format, then its values in the order of the schema (%s)', (kind) => {
    fc.assert(
      fc.property(anyOf(schemas[kind]), (record) => {
        const inOrder = namesOf(kind).map((name) => (record as Record<string, unknown>)[name])
        const overrides = record.kind === 'event' && record.overrides ? [record.overrides] : []
        expect(written(record)).toEqual(asJson([1, ...inOrder, ...overrides]))
      }),
    )
  })

  it.each(kinds)(
    'is refused exactly where its schema refuses it, and the cause names the field (%s)',
    (kind) => {
      const names = [...namesOf(kind), ...(kind === 'event' ? ['overrides'] : [])]
      const junk = fc.oneof(
        fc.jsonValue({ maxDepth: 2 }),
        fc.constantFrom<unknown>(infinite, 'bot', ['country', 'nothing'], [['name', 'value'], ['name']]),
      )
      fc.assert(
        fc.property(
          anyOf(schemas[kind]),
          fc.integer({ min: 1, max: names.length - 1 }),
          junk,
          (record, at, value) => {
            const values = written(record)
            values[1 + at] = value
            const object = Object.fromEntries(values.slice(1).map((each, index) => [names[index], each]))
            const expected = schemas[kind].safeParse(JSON.parse(jsonOf(object)))
            const found = decodedOrCause(jsonOf(values))
            if (expected.success) expect(found).toEqual(expected.data)
            else expect(found).toContain(`"${names[at] ?? ''}"`)
          },
        ),
        { numRuns: 2_000 },
      )
    },
  )

  it.each([
    ['of a newer format', [2, 'event', 1], 'format version 2 is not known'],
    ['without a format', [], 'format version undefined is not known'],
    ['of no kind', [1, 'other', 1], 'kind "other" is not known'],
    ['with a value too few', written(drop).slice(0, -1), '9 values, not 10'],
    ['with a value too many', [...written(anEnrichedEvent()), [], 'more'], '48 values, not 46 or 47'],
    ['that is no record', 1, 'expected object'],
  ])('%s is refused with that as its cause', (_, values, cause) => {
    expect(decodedOrCause(JSON.stringify(values))).toContain(cause)
  })

  it('keeps the milliseconds of its receipt', () => {
    const receivedAt = 253_402_300_799_999
    expect(decodeEnrichedRecord(encodeEnrichedRecord({ ...drop, receivedAt }))).toEqual({
      ...drop,
      receivedAt,
    })
  })

  it.each([
    ['event', anEnrichedEvent({ overrides: ['country', 'city'] })],
    ['drop', drop],
  ])('is read from the object that was written before there were arrays (%s)', (_, record) => {
    expect(decodeEnrichedRecord(Buffer.from(JSON.stringify(record)))).toEqual(record)
    expect(decodedOrCause(JSON.stringify({ ...record, site: 1 }))).toContain('"site"')
  })
})

const infinite = 'stands for 1e999'

/** JSON, with numbers larger than any. */
function jsonOf(value: unknown): string {
  return JSON.stringify(value).replaceAll(JSON.stringify(infinite), '1e999')
}

/** The fields of the schema in its order, without the one that may be absent. */
function namesOf(kind: 'event' | 'drop'): string[] {
  return Object.keys(schemas[kind].shape).filter((name) => name !== 'overrides')
}

function written(record: EnrichedRecord): unknown[] {
  return z.array(z.unknown()).parse(JSON.parse(encodeEnrichedRecord(record).toString()))
}

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

function decodedOrCause(json: string): unknown {
  try {
    return decodeEnrichedRecord(Buffer.from(json))
  } catch (error) {
    if (error instanceof UndecodableRecordError && error.cause instanceof Error) return error.cause.message
    throw error
  }
}
