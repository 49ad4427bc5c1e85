import fc from 'fast-check'
import { expect, it } from 'vitest'
import { dealPartitions } from './assignor.ts'

it('deals the partitions out in turn', () => {
  expect([...dealPartitions(['b', 'a'], [3, 0, 2, 1])]).toEqual([
    ['a', [0, 2]],
    ['b', [1, 3]],
  ])
})

it('gives every partition to one member, evenly, whatever the order of the members', () => {
  const members = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 9 })
  fc.assert(
    fc.property(members, fc.nat(20), (memberIds, count) => {
      const partitions = Array.from({ length: count }, (_, partition) => partition)
      const dealt = dealPartitions(memberIds, partitions)
      expect(dealPartitions(memberIds.toReversed(), partitions)).toEqual(dealt)
      expect([...dealt.values()].flat().toSorted((a, b) => a - b)).toEqual(partitions)
      const sizes = [...dealt.values()].map(({ length }) => length)
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
    }),
  )
})
