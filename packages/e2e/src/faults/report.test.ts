import { describe, expect, it } from 'vitest'
import type { FaultRun } from './fault-run.ts'
import { kindRows, markdownReport, totalsOf } from './report.ts'
import type { FaultOutcome, RoundOutcome } from './round.ts'

const aFault = (changes: Partial<FaultOutcome>): FaultOutcome => ({
  kind: 'kill-sink',
  target: 'sink 1',
  startedMs: 100,
  endedMs: 900,
  recoveryMs: 2_000,
  ...changes,
})

const aRound = (changes: Partial<RoundOutcome>): RoundOutcome => ({
  round: 0,
  isAllInOne: false,
  faults: [],
  tookMs: 12_000,
  sent: 100,
  attempts: 110,
  accepted: 90,
  spilled: 8,
  stored: 90,
  refused: 4,
  broken: 6,
  problems: [],
  unaskedEnds: [],
  ...changes,
})

const aRun = (rounds: RoundOutcome[]): FaultRun => ({
  seed: 5,
  log: 'embedded',
  rounds,
  benches: [],
  lateProblems: [],
})

const context = { version: 'abc', machine: 'two cores', startedAt: 'today', leftOut: [] }

describe('the report', () => {
  it('adds the rounds up', () => {
    const problems = [
      { kind: 'lost', detail: 'a' },
      { kind: 'doubled', detail: 'b' },
      { kind: 'wrong session', detail: 'c' },
      { kind: 'audit', detail: 'd' },
    ] as const
    const unaskedEnds = [{ slot: 'sink 1', end: '1', output: '' }]
    expect(totalsOf(aRun([aRound({}), aRound({ problems, unaskedEnds, stored: 89 })]))).toEqual({
      rounds: 2,
      sent: 200,
      attempts: 220,
      accepted: 180,
      spilled: 16,
      stored: 179,
      refused: 8,
      broken: 12,
      lost: 1,
      doubled: 1,
      wrongSessions: 1,
      otherProblems: 1,
      unaskedEnds: 1,
    })
  })

  it('counts hits by kind with median and longest recovery, and no fault that hit nothing', () => {
    const faults = [
      ...[3_000, 1_000, 2_000].map((recoveryMs) => aFault({ recoveryMs })),
      aFault({ kind: 'late-answers', target: '' }),
      aFault({ kind: 'full-disk', recoveryMs: undefined }),
    ]
    expect(kindRows(aRun([aRound({ faults })]))).toEqual([
      { kind: 'kill-sink', hits: 3, recoveryMedianMs: 2_000, recoveryLongestMs: 3_000 },
      { kind: 'full-disk', hits: 1, recoveryMedianMs: undefined, recoveryLongestMs: undefined },
    ])
  })

  it('says in its headline whether all was right', () => {
    expect(markdownReport([aRun([aRound({})])], context)).toContain(
      '## Embedded log: nothing lost, nothing doubled',
    )
    const failed = aRun([aRound({ problems: [{ kind: 'lost', detail: '/r1-2 is gone' }] })])
    expect(markdownReport([failed], context)).toMatch(/## Embedded log: FAILED[^]*\/r1-2 is gone/)
    const late = { ...aRun([aRound({})]), lateProblems: [{ kind: 'doubled', detail: 'x' } as const] }
    expect(markdownReport([late], context)).toContain('FAILED')
  })
})
