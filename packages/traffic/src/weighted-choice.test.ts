import { describe, expect, it } from 'vitest'
import { TrafficRandom } from './random.ts'
import { WeightedChoice, zipf } from './weighted-choice.ts'

const draws = 200_000

function shares<T>(choice: WeightedChoice<T>): Map<T, number> {
  const random = new TrafficRandom(11)
  const counts = new Map<T, number>()
  for (let i = 0; i < draws; i++) {
    const drawn = choice.draw(random)
    counts.set(drawn, (counts.get(drawn) ?? 0) + 1 / draws)
  }
  return counts
}

describe('a weighted choice', () => {
  it.each([
    ['equal weights', [1, 1, 1]],
    ['one that has nearly all', [1_000, 1, 2]],
    ['any unit', [0.02, 0.05, 0.03]],
    ['a single choice', [7]],
  ])('gives each choice its share, with %s', (_, weights) => {
    const sum = weights.reduce((total, weight) => total + weight, 0)
    const drawn = shares(new WeightedChoice([...weights.keys()], weights))
    for (const [choice, weight] of weights.entries()) {
      expect(drawn.get(choice) ?? 0).toBeCloseTo(weight / sum, 2)
    }
  })
})

describe('Zipf', () => {
  it('draws rank r as often as 1/r', () => {
    const drawn = shares(zipf(50))
    const harmonic = Array.from({ length: 50 }, (_, index) => 1 / (index + 1)).reduce(
      (sum, part) => sum + part,
      0,
    )
    for (const rank of [1, 2, 5, 20, 50]) expect(drawn.get(rank)).toBeCloseTo(1 / rank / harmonic, 2)
    expect([...drawn.keys()].every((rank) => rank >= 1 && rank <= 50)).toBe(true)
  })

  it.each([0.05, 0.5, 0.9])(
    'gives the first rank %f of the draws when told so, and the others the rest by the law',
    (share) => {
      const drawn = shares(zipf(1_000, share))
      expect(drawn.get(1)).toBeCloseTo(share, 2)
      expect((drawn.get(2) ?? 0) / (drawn.get(4) ?? 1)).toBeGreaterThan(1.6)
      expect((drawn.get(2) ?? 0) / (drawn.get(4) ?? 1)).toBeLessThan(2.5)
    },
  )
})
