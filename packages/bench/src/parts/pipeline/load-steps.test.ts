import { describe, expect, it } from 'vitest'
import { highestSustained, isSustained, nextLoad, type TriedLoad } from './load-steps.ts'

describe('the search for the highest sustained load', () => {
  it.each([300, 350, 1_000, 1_300, 5_000, 7_900, 30_000])(
    'ends close below %i events a second',
    (capacity) => {
      const tried = search(capacity)
      const found = highestSustained(tried) ?? 0
      expect(found).toBeLessThanOrEqual(capacity)
      expect(found).toBeGreaterThan(capacity / 1.4)
      expect(tried.length).toBeLessThan(10)
    },
  )

  it('ends where nothing is sustained', () => {
    const tried = search(1)
    expect(highestSustained(tried)).toBeUndefined()
    expect(tried.length).toBeLessThan(10)
  })

  it('ends at the highest load that is tried at all', () => {
    expect(Math.max(...search(Infinity).map(({ offered }) => offered))).toBe(128_000)
  })

  it('believes no load above one that was too much', () => {
    const tried = [
      { offered: 1_000, isSustained: true },
      { offered: 2_000, isSustained: false },
      { offered: 4_000, isSustained: true },
    ]
    expect(highestSustained(tried)).toBe(1_000)
  })
})

it.each([
  { acceptedShare: 0.96, accepted: 960, waiting: 2_000, sustained: true },
  { acceptedShare: 0.94, accepted: 940, waiting: 0, sustained: false },
  { acceptedShare: 1, accepted: 1_000, waiting: 2_600, sustained: false },
])('a load is sustained when it is accepted and stored: $sustained', ({ sustained, ...step }) => {
  expect(isSustained(step)).toBe(sustained)
})

function search(capacity: number): TriedLoad[] {
  const tried: TriedLoad[] = []
  for (let offered = nextLoad(tried); offered !== undefined; offered = nextLoad(tried)) {
    if (tried.length > 20) throw new Error('the search does not end')
    tried.push({ offered, isSustained: offered <= capacity })
  }
  return tried
}
