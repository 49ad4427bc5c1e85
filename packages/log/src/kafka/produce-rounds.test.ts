import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planRounds } from './produce-rounds.ts'
import { recordOverheadMax } from './record-batch.ts'

function aRecord(partition: number, bytes: number, topic = 't') {
  return { topic, partition, key: null, value: Buffer.alloc(bytes) }
}

const limits = { batchBytesMax: 1_000, roundBytesMax: 2_500 }

describe('the rounds of an append', () => {
  it('put all records of a partition into one batch while it has room', () => {
    const rounds = planRounds([aRecord(0, 100), aRecord(1, 100), aRecord(0, 100)], limits)
    expect(rounds.map((round) => round.map(({ partition, indexes }) => [partition, indexes]))).toEqual([
      [
        [0, [0, 2]],
        [1, [1]],
      ],
    ])
  })

  it('end where a batch would grow too large', () => {
    const rounds = planRounds([aRecord(0, 600), aRecord(0, 600), aRecord(1, 10)], limits)
    expect(rounds.map((round) => round.map(({ indexes }) => indexes))).toEqual([[[0]], [[1], [2]]])
  })

  it('send a record above the batch size alone', () => {
    const rounds = planRounds([aRecord(0, 10), aRecord(0, 5_000), aRecord(0, 10)], limits)
    expect(rounds.map((round) => round.map(({ indexes }) => indexes))).toEqual([[[0]], [[1]], [[2]]])
  })

  it('keep every record, the order within a partition, and the limits', () => {
    const record = fc.tuple(fc.nat(3), fc.nat(1_200), fc.constantFrom('a', 'b'))
    fc.assert(
      fc.property(fc.array(record, { maxLength: 60 }), (given) => {
        const records = given.map(([partition, bytes, topic]) => aRecord(partition, bytes, topic))
        const batches = planRounds(records, limits).flat()
        const placed = batches.flatMap(({ indexes }) => indexes)
        expect(placed.toSorted((a, b) => a - b)).toEqual(records.map((_, index) => index))
        for (const key of new Set(records.map(({ topic, partition }) => `${topic}-${partition}`))) {
          const own = batches.filter(({ topic, partition }) => `${topic}-${partition}` === key)
          const order = own.flatMap(({ indexes }) => indexes)
          expect(order).toEqual(order.toSorted((a, b) => a - b))
        }
        for (const { records: own } of batches) {
          const bytes = own.reduce((sum, { value }) => sum + value.length + recordOverheadMax, 0)
          expect(own.length === 1 || bytes <= limits.batchBytesMax).toBe(true)
        }
      }),
    )
  })
})
