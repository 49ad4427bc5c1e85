import { describe, expect, it } from 'vitest'
import { faultKinds, faultSpec } from './fault-kind.ts'
import { kindsFor, planBench, planRound, roundsPerBench } from './round-plan.ts'

const embedded = { brokers: 0, canFillDisk: true } as const
const plansOf = (seed: number, brokers: 0 | 1 | 3) => {
  const kinds = kindsFor(planBench({ seed, bench: 0 }, { brokers, canFillDisk: true }))
  return { kinds, rounds: Array.from({ length: 300 }, (_, round) => planRound(seed, round, kinds)) }
}

describe('planRound', () => {
  it('gives the same faults for the same seed and round, and others for another', () => {
    const described = (seed: number) =>
      plansOf(seed, 1).rounds.map(({ faults }) => faults.map(({ kind, atMs }) => `${kind} at ${atMs}`))
    expect(described(7)).toEqual(described(7))
    expect(described(7)).not.toEqual(described(8))
  })

  it.each([0, 1, 3] as const)(
    'lets every kind have its turn within as many rounds (%i brokers)',
    (brokers) => {
      const { kinds, rounds } = plansOf(3, brokers)
      for (let turn = 0; turn + kinds.length <= rounds.length; turn += kinds.length) {
        const first = rounds.slice(turn, turn + kinds.length).map(({ faults }) => faults[0]?.kind)
        expect(first.toSorted()).toEqual(kinds.toSorted())
      }
    },
  )

  it('never lets two faults of a round take hold of the same thing, nor want services in two ways', () => {
    const { rounds } = plansOf(5, 0)
    for (const { faults, isAllInOne } of rounds) {
      const used = faults.flatMap(({ kind }) => faultSpec(kind).uses)
      expect(new Set(used).size).toBe(used.length)
      const needs = faults.map(({ kind }) => faultSpec(kind).services)
      expect(needs).not.toContain(isAllInOne ? 'separate' : 'all in one')
    }
    expect(new Set(rounds.map(({ faults }) => faults.length))).toEqual(new Set([1, 2, 3]))
  })

  it('runs the services all in one only on the embedded log', () => {
    expect(plansOf(5, 0).rounds.some(({ isAllInOne }) => isAllInOne)).toBe(true)
    expect(plansOf(5, 3).rounds.some(({ isAllInOne }) => isAllInOne)).toBe(false)
  })
})

describe('kindsFor', () => {
  it('has a bench for every kind', () => {
    const plans = [embedded, { brokers: 1, canFillDisk: true }, { brokers: 3, canFillDisk: true }] as const
    const shown = plans.flatMap((plan) => kindsFor(planBench({ seed: 1, bench: 0 }, plan)))
    expect(new Set(shown)).toEqual(new Set(faultKinds))
  })

  it('fills no disk that is not made for it', () => {
    expect(kindsFor(planBench({ seed: 1, bench: 0 }, { ...embedded, canFillDisk: false }))).not.toContain(
      'full-disk',
    )
    expect(kindsFor(planBench({ seed: 1, bench: 1 }, embedded))).not.toContain('full-disk')
  })
})

describe('planBench', () => {
  it('varies what the sinks are told from bench to bench', () => {
    const benches = Array.from({ length: roundsPerBench }, (_, bench) =>
      planBench({ seed: 1, bench }, embedded),
    )
    expect(new Set(benches.map(({ inactivityGapS }) => inactivityGapS)).size).toBeGreaterThan(1)
    expect(new Set(benches.map(({ sessionsMax }) => sessionsMax)).size).toBeGreaterThan(1)
  })
})
