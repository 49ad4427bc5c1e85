import { describe, expect, it } from 'vitest'
import { failureText } from './failure-text.ts'
import { pinnedSeeds } from './pinned-seeds.ts'
import { simulate } from './simulate.ts'

const seedsOfGate = 200
const seedsOfTest = 20
/** On a machine that is busy with other tests. */
const msMax = 90_000
const shownMax = 2

async function failuresOf(seeds: readonly number[]): Promise<string[]> {
  const failures: string[] = []
  for (const seed of seeds) {
    const result = await simulate(seed)
    if (result.broken.length > 0) failures.push(failureText(result))
  }
  return failures
}

function expectNone(failures: readonly string[]): void {
  if (failures.length > 0)
    throw new Error(`${failures.length} seeds:\n${failures.slice(0, shownMax).join('\n\n')}`)
}

describe('the delivery protocol', () => {
  const firsts = Array.from({ length: seedsOfGate / seedsOfTest }, (_, index) => index * seedsOfTest + 1)
  it.each(firsts)(
    'keeps its promises under the faults of the 20 seeds from %i on',
    { timeout: msMax },
    async (first) => {
      expectNone(await failuresOf(Array.from({ length: seedsOfTest }, (_, index) => first + index)))
    },
  )

  it.each(pinnedSeeds)('keeps its promises under seed $seed: $why', async ({ seed }) => {
    expectNone(await failuresOf([seed]))
  })
})

describe('a seed', () => {
  it('gives the same history each time, and another seed another', async () => {
    const [once, again, other] = [await simulate(7), await simulate(7), await simulate(8)]
    expect(once.history.length).toBeGreaterThan(50)
    expect(again.history.hash).toBe(once.history.hash)
    expect(other.history.hash).not.toBe(once.history.hash)
  })
})
