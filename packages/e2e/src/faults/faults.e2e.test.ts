import { describe, expect, it } from 'vitest'
import { kafkaUnavailable } from '@millrace/log/testing'
import { canMountSmallDisk } from '../small-disk.ts'
import { runFaults } from './fault-run.ts'
import { totalsOf } from './report.ts'

/** Chosen once, and then kept: what is run with each change is always the same. `npm run test:faults` has all others. */
const seed = 20
const rounds = 3
const msMax = 400_000

const noKafka = await kafkaUnavailable({ brokers: 1, faults: true })

describe.each([
  { log: 'embedded', needs: undefined, kinds: ['kill-pipeline', 'kill-clickhouse', 'kill-everything'] },
  { log: 'kafka', needs: noKafka, kinds: ['freeze-sink', 'late-inserts', 'kill-everything'] },
] as const)('the fault suite on the $log log', ({ log, needs, kinds }) => {
  describe.skipIf(needs !== undefined)(needs ?? 'with seeded faults', () => {
    it(
      'loses nothing, doubles nothing, and puts every event into its session',
      { timeout: msMax },
      async () => {
        const failures: string[] = []
        const run = await runFaults({
          seed,
          from: 0,
          rounds,
          log,
          brokers: 1,
          kinds,
          canFillDisk: canMountSmallDisk(),
          onRound: () => undefined,
          onFailure: (text) => failures.push(text),
        })
        expect(failures.join('\n')).toBe('')
        const totals = totalsOf(run)
        expect(totals).toMatchObject({ rounds, lost: 0, doubled: 0, wrongSessions: 0, otherProblems: 0 })
        expect(totals.accepted).toBeGreaterThan(rounds * 200)
        expect(totals.stored).toBe(totals.accepted)
      },
    )
  })
})
