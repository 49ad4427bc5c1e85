import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyOf } from './any-of.ts'
import { decodeRawEvent, encodeRawEvent } from './raw-codec.ts'
import { rawEventSchema } from './raw-event.ts'
import { aRawEvent } from './testing.ts'
import { UndecodableRecordError } from './undecodable-record-error.ts'

const names = Object.keys(rawEventSchema.shape)
const nested = {
  clientHints: ['brands', 'platform', 'platformVersion', 'model', 'mobile'],
  revenue: ['amount'],
}

describe('a raw event', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(anyOf(rawEventSchema), (event) => {
        expect(decodeRawEvent(encodeRawEvent(event))).toEqual(asJson(event))
      }),
    )
  })

  it('is refused exactly where its schema refuses it, and the cause names the field', () => {
    const junk = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom<unknown>(
        infinite,
        'bot',
        'anonymous_vpn_ip',
        [['name', 'value'], ['name']],
        {},
        undefined,
      ),
    )
    fc.assert(
      fc.property(anyOf(rawEventSchema), fc.constantFrom(...names), junk, (event, name, value) => {
        isReadLikeTheSchema({ ...event, [name]: value }, name)
      }),
      { numRuns: 3_000 },
    )
  })

  it.each(Object.entries(nested))(
    'is refused for what is within %s as its schema refuses it',
    (outer, inner) => {
      fc.assert(
        fc.property(
          anyOf(rawEventSchema),
          fc.constantFrom(...inner, 'more'),
          fc.jsonValue({ maxDepth: 1 }),
          (event, name, value) => {
            const held = (event as Record<string, unknown>)[outer] as object | undefined
            isReadLikeTheSchema({ ...event, [outer]: { ...held, [name]: value } }, outer)
          },
        ),
        { numRuns: 500 },
      )
    },
  )

  it('keeps nothing that its schema does not know', () => {
    isReadLikeTheSchema({ ...aRawEvent(), more: 1, clientHints: { brands: 'a', more: 1 } }, '')
  })

  it.each(['null', '1', '[]', '"text"', '{', ''])('is not %j', (text) => {
    expect(() => decodeRawEvent(Buffer.from(text))).toThrow(UndecodableRecordError)
  })

  it.each([0, Date.UTC(2026, 10, 21), Date.UTC(9999, 11, 31, 23, 59, 59, 999)])(
    'is read as it was written (received at %i)',
    (receivedAt) => {
      const event = aRawEvent({ receivedAt })
      expect(decodeRawEvent(encodeRawEvent(event))).toEqual(event)
    },
  )

  it.each([-1, Date.UTC(10_000, 0, 1), 1e300])('has no day when it was received at %d', (receivedAt) => {
    const record = encodeRawEvent(aRawEvent({ receivedAt }))
    expect(() => decodeRawEvent(record)).toThrow(UndecodableRecordError)
  })
})

const infinite = 'stands for 1e999'

/** @param name of the field that the cause names where the schema refuses the object */
function isReadLikeTheSchema(object: unknown, name: string): void {
  const json = JSON.stringify(object).replaceAll(JSON.stringify(infinite), '1e999')
  const expected = rawEventSchema.safeParse(JSON.parse(json))
  const found = decodedOrCause(json)
  if (expected.success) expect(found).toEqual(expected.data)
  else expect(found).toContain(`"${name}"`)
}

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

function decodedOrCause(json: string): unknown {
  try {
    return decodeRawEvent(Buffer.from(json))
  } catch (error) {
    if (error instanceof UndecodableRecordError && error.cause instanceof Error) return error.cause.message
    throw error
  }
}
