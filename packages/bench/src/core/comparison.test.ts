import { describe, expect, it } from 'vitest'
import { compare, type Contender } from './comparison.ts'
import type { Sample } from './sample.ts'

const options = { rounds: 3, onSample: () => undefined, signal: new AbortController().signal }

describe('a comparison', () => {
  it('interleaves the contenders, each round in the other direction', async () => {
    const order: string[] = []
    const contender = (name: string): Contender => ({
      name,
      measure: () => {
        order.push(name)
        return Promise.resolve(aSample())
      },
    })
    await compare({ ...aComparison(), contenders: [contender('ours'), contender('theirs')] }, options)
    expect(order).toEqual(['ours', 'theirs', 'theirs', 'ours', 'ours', 'theirs'])
  })

  it('takes ratios within a round, so that a slow round slows both', async () => {
    const ours = samples('ours', [10, 2, 10])
    const theirs = samples('theirs', [20, 4, 40])
    const result = await compare({ ...aComparison(), contenders: [ours, theirs] }, options)
    expect(result.ratios[0]?.ratio).toEqual({ min: 0.25, median: 0.5, max: 0.5 })
  })

  it('counts CPU seconds where the aim says so', async () => {
    const ours = samples('ours', [10, 10, 10], 2)
    const theirs = samples('theirs', [10, 10, 10], 1)
    const aims = [{ yardstick: 'theirs', measure: 'events per CPU second' as const }]
    const result = await compare({ ...aComparison(), aims, contenders: [ours, theirs] }, options)
    expect(result.ratios[0]?.ratio.median).toBe(0.5)
    expect(result.contenders[0]?.cpuMicrosPerEvent.median).toBe(200_000)
  })

  it('refuses an aim at nobody', async () => {
    const aims = [{ yardstick: 'nobody', measure: 'events per second' as const }]
    await expect(compare({ ...aComparison(), aims }, options)).rejects.toThrow('nobody')
  })
})

function aComparison() {
  const contenders: [Contender, Contender] = [samples('ours', [1, 1, 1]), samples('theirs', [1, 1, 1])]
  const aims = [{ yardstick: 'theirs', measure: 'events per second' as const, ratioMin: 0.4 }]
  return { part: 'enricher', log: 'embedded' as const, contenders, aims, conditions: {} }
}

function aSample(overrides: Partial<Sample> = {}): Sample {
  return { events: 1, seconds: 1, cpuSeconds: 1, ...overrides }
}

/** @param events by round */
function samples(name: string, events: readonly number[], cpuSeconds = 1): Contender {
  let round = 0
  return { name, measure: () => Promise.resolve(aSample({ events: events[round++] ?? 0, cpuSeconds })) }
}
