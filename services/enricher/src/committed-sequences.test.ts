import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeSequences, encodeSequences } from './committed-sequences.ts'
import { ProducerSequences } from './producer-sequences.ts'

const history = fc.array(
  fc.record({
    producerId: fc.string({ unit: 'binary', maxLength: 200 }).filter((id) => id !== '__proto__'),
    producerSequence: fc.oneof(fc.nat(), fc.double({ noNaN: true, noDefaultInfinity: true })),
  }),
  { maxLength: 300 },
)

function after(places: readonly { producerId: string; producerSequence: number }[]): ProducerSequences {
  const sequences = new ProducerSequences()
  for (const place of places) sequences.admit(place)
  return sequences
}

/** `count` instances with ids as producers have them, `id 0` the most silent. */
function producers(count: number): ProducerSequences {
  return after(
    Array.from({ length: count }, (_, index) => ({
      producerId: `${String(index).padStart(8, '0')}-0000-4000-8000-000000000000`,
      producerSequence: 1_000_000_000 + index,
    })),
  )
}

describe('the metadata of a committed raw offset', () => {
  it('is what other versions and the documents say', () => {
    const sequences = after([
      { producerId: 'b', producerSequence: 1 },
      { producerId: 'a', producerSequence: 7 },
    ])
    expect(encodeSequences(sequences)).toBe('{"producers":{"a":7,"b":1}}')
    expect(encodeSequences(new ProducerSequences())).toBe('{"producers":{}}')
  })

  it('never has more than 3,500 bytes and gives back the newest instances with their sequences', () => {
    fc.assert(
      fc.property(history, (places) => {
        const sequences = after(places)
        const metadata = encodeSequences(sequences)
        expect(Buffer.byteLength(metadata)).toBeLessThanOrEqual(3_500)
        const decoded = decodeSequences({ offset: 1, metadata })
        const all = [...sequences.newestFirst()]
        const kept = all.slice(0, decoded.sequences.size)
        expect(new Map(list(decoded.sequences))).toEqual(new Map(list(sequences).slice(0, kept.length)))
        expect(decoded.isComplete).toBe(kept.length === all.length)
      }),
      { numRuns: 300 },
    )
  })

  it('holds 50 instances whose ids are UUIDs, and says when it had to leave some out', () => {
    const fits = decodeSequences({ offset: 1, metadata: encodeSequences(producers(50)) })
    expect(fits).toMatchObject({ isComplete: true, sequences: { size: 50 } })
    const metadata = encodeSequences(producers(9_000))
    const decoded = decodeSequences({ offset: 1, metadata })
    expect(decoded.isComplete).toBe(false)
    expect(list(decoded.sequences)).toEqual(list(producers(9_000)).slice(0, decoded.sequences.size))
    expect(decoded.sequences.size).toBeGreaterThan(50)
    expect(metadata).toContain(`"leftOut":${String(9_000 - decoded.sequences.size)}`)
  })

  it('tells nothing, and does not claim to, where an operator or an earlier release has left it empty', () => {
    expect(decodeSequences({ offset: 5, metadata: '' })).toMatchObject({
      isComplete: false,
      sequences: { size: 0 },
    })
  })

  it.each(['{', 'null', '{}', '{"producers":[]}', '{"producers":{"a":"1"}}', '{"producers":{},"more":1}'])(
    'stops the start when it is %s: going on could store events twice',
    (metadata) => {
      expect(() => decodeSequences({ offset: 5, metadata })).toThrow(
        expect.objectContaining({ code: 'METADATA_NOT_UNDERSTOOD', retriable: false }) as Error,
      )
    },
  )
})

function list(sequences: ProducerSequences): [string, number][] {
  return [...sequences.newestFirst()].map(({ producerId, producerSequence }) => [
    producerId,
    // JSON has one zero.
    producerSequence + 0,
  ])
}
