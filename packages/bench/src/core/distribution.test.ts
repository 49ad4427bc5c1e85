import { describe, expect, it } from 'vitest'
import { distributionOf } from './distribution.ts'

describe('a distribution', () => {
  it.each([
    { values: [3], min: 3, median: 3, max: 3 },
    { values: [5, 1, 3], min: 1, median: 3, max: 5 },
    { values: [10, 2, 4, 9], min: 2, median: 6.5, max: 10 },
  ])('of $values has the median $median', ({ values, ...expected }) => {
    expect(distributionOf(values)).toEqual(expected)
  })

  it('of no values is refused', () => {
    expect(() => distributionOf([])).toThrow('no values')
  })
})
