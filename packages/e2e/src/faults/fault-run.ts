import { Bench } from './bench.ts'
import { failureText } from './failure-text.ts'
import type { FaultKind } from './fault-kind.ts'
import type { Problem } from './problem.ts'
import {
  kindsFor,
  planBench,
  planRound,
  roundsPerBench,
  type BenchPlan,
  type RoundPlan,
} from './round-plan.ts'
import { checkWholeBench, runRound, type RoundOutcome } from './round.ts'

export interface FaultRunOptions {
  readonly seed: number
  /** The first round; rounds of a seed are the same whichever is the first. */
  readonly from: number
  readonly rounds: number
  readonly log: 'kafka' | 'embedded'
  /** Kafka nodes; undefined: one and three by turns. */
  readonly brokers?: 1 | 3
  /** Undefined: all. */
  readonly kinds?: readonly FaultKind[]
  readonly canFillDisk: boolean
  readonly onRound: (outcome: RoundOutcome, results: FaultRun) => Promise<void> | void
  /** Told of a round that failed, as text for a reader. */
  readonly onFailure: (text: string) => void
  readonly signal?: AbortSignal
}

/** What the rounds of one log came to. */
export interface FaultRun {
  readonly seed: number
  readonly log: 'kafka' | 'embedded'
  readonly rounds: RoundOutcome[]
  readonly benches: BenchPlan[]
  /** Problems found when a bench was looked at as a whole, after its last round. */
  readonly lateProblems: Problem[]
}

/** Runs the rounds, ten on one bench; a round that failed ends its bench, and the next one has a new one. */
export async function runFaults(options: FaultRunOptions): Promise<FaultRun> {
  const run: FaultRun = { seed: options.seed, log: options.log, rounds: [], benches: [], lateProblems: [] }
  const end = options.from + options.rounds
  for (let round = options.from; round < end && options.signal?.aborted !== true;) {
    round = await runBench(options, run, { round, end })
  }
  return run
}

/** @returns the round that comes next */
async function runBench(
  options: FaultRunOptions,
  run: FaultRun,
  { round: first, end }: { readonly round: number; readonly end: number },
): Promise<number> {
  const { seed, log, canFillDisk } = options
  const index = Math.floor(first / roundsPerBench)
  const brokers = log === 'embedded' ? 0 : (options.brokers ?? (index % 2 === 0 ? 1 : 3))
  const plan = planBench({ seed, bench: index }, { brokers, canFillDisk })
  const kinds = kindsFor(plan, options.kinds)
  if (kinds.length === 0)
    throw new Error(`none of the wanted faults can be had on this bench: ${JSON.stringify(plan)}`)
  run.benches.push(plan)
  const bench = await Bench.start(plan)
  let hasFailed = true
  try {
    const last = Math.min(end, (index + 1) * roundsPerBench)
    for (let round = first; round < last && options.signal?.aborted !== true; round++) {
      const roundPlan = planRound(seed, round, kinds)
      const outcome = await runRound(bench, roundPlan, seed).catch((error: unknown) =>
        failedRound(roundPlan, bench, error),
      )
      run.rounds.push(outcome)
      await options.onRound(outcome, run)
      if (outcome.problems.length > 0) {
        await bench.dumpLog().catch(() => undefined) // the round has failed already
        options.onFailure(failureText({ seed, log, plan: roundPlan, bench, outcome }))
        return round + 1
      }
    }
    const late = await checkWholeBench(bench)
    run.lateProblems.push(...late)
    hasFailed = late.length > 0
    if (hasFailed) {
      await bench.dumpLog().catch(() => undefined)
      options.onFailure(failureText({ seed, log, bench, problems: late }))
    }
    return last
  } finally {
    await bench.close({ keep: hasFailed })
  }
}

function failedRound(plan: RoundPlan, bench: Bench, error: unknown): RoundOutcome {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return {
    round: plan.round,
    isAllInOne: plan.isAllInOne,
    faults: [],
    tookMs: 0,
    sent: 0,
    attempts: 0,
    accepted: 0,
    spilled: 0,
    stored: 0,
    refused: 0,
    broken: 0,
    problems: [{ kind: 'not carried out', detail }],
    unaskedEnds: bench.unaskedEnds(),
  }
}

/** Whether a run may be believed to have shown what it set out to show. */
export function hasSucceeded({ rounds, lateProblems }: FaultRun): boolean {
  return rounds.every(({ problems }) => problems.length === 0) && lateProblems.length === 0
}
