import { faultKinds, faultSpec, type FaultKind } from './fault-kind.ts'
import { hasSucceeded, type FaultRun } from './fault-run.ts'
import type { ProblemKind } from './problem.ts'

export interface Totals {
  readonly rounds: number
  readonly sent: number
  /** Requests: events, and repeats of them by their clients. */
  readonly attempts: number
  readonly accepted: number
  readonly spilled: number
  readonly stored: number
  /** Answered with 503 or 408. */
  readonly refused: number
  readonly broken: number
  readonly lost: number
  readonly doubled: number
  readonly wrongSessions: number
  readonly otherProblems: number
  /** Processes that ended by themselves. */
  readonly unaskedEnds: number
}

export interface KindRow {
  readonly kind: FaultKind
  readonly hits: number
  /** Milliseconds; undefined without a hit. */
  readonly recoveryMedianMs: number | undefined
  readonly recoveryLongestMs: number | undefined
}

export function totalsOf(run: FaultRun): Totals {
  const { rounds } = run
  const sum = (of: (round: FaultRun['rounds'][number]) => number) =>
    rounds.reduce((total, one) => total + of(one), 0)
  const problems = [...rounds.flatMap((round) => round.problems), ...run.lateProblems]
  const found = (kind: ProblemKind) => problems.filter((problem) => problem.kind === kind).length
  const [lost, doubled, wrongSessions] = [found('lost'), found('doubled'), found('wrong session')]
  return {
    rounds: rounds.length,
    sent: sum(({ sent }) => sent),
    attempts: sum(({ attempts }) => attempts),
    accepted: sum(({ accepted }) => accepted),
    spilled: sum(({ spilled }) => spilled),
    stored: sum(({ stored }) => stored),
    refused: sum(({ refused }) => refused),
    broken: sum(({ broken }) => broken),
    lost,
    doubled,
    wrongSessions,
    otherProblems: problems.length - lost - doubled - wrongSessions,
    unaskedEnds: sum(({ unaskedEnds }) => unaskedEnds.length),
  }
}

/** How often each kind of fault hit something, and how long recovery took. */
export function kindRows({ rounds }: FaultRun): KindRow[] {
  const hits = rounds.flatMap(({ faults }) => faults).filter(({ target }) => target !== '')
  return faultKinds.flatMap((kind) => {
    const ofKind = hits.filter((hit) => hit.kind === kind)
    const recoveries = ofKind.flatMap(({ recoveryMs }) => recoveryMs ?? []).toSorted((a, b) => a - b)
    if (ofKind.length === 0) return []
    const recoveryMedianMs = recoveries[Math.floor((recoveries.length - 1) / 2)]
    return [{ kind, hits: ofKind.length, recoveryMedianMs, recoveryLongestMs: recoveries.at(-1) }]
  })
}

export interface ReportContext {
  /** Such as a commit; empty where unknown. */
  readonly version: string
  readonly machine: string
  readonly startedAt: string
  /** Faults that could not be had here, with the reason. */
  readonly leftOut: readonly string[]
}

/** The report for a reader. */
export function markdownReport(runs: readonly FaultRun[], context: ReportContext): string {
  const { version, machine, startedAt, leftOut } = context
  return [
    '# Fault report',
    '',
    `Begun ${startedAt}${version === '' ? '' : `, commit ${version}`}. ${machine}.`,
    ...leftOut.map((line) => `Left out: ${line}.`),
    ...runs.flatMap((run) => ['', ...runReport(run)]),
    '',
  ].join('\n')
}

function runReport(run: FaultRun): string[] {
  const totals = totalsOf(run)
  const benches = run.benches.map(({ brokers }) =>
    brokers === 0 ? 'embedded log' : `Kafka, ${brokers} node${brokers === 1 ? '' : 's'}`,
  )
  const seconds = run.rounds.map(({ tookMs }) => tookMs / 1000).toSorted((a, b) => a - b)
  return [
    `## ${run.log === 'kafka' ? 'Kafka' : 'Embedded log'}: ${hasSucceeded(run) ? 'nothing lost, nothing doubled, every session right' : 'FAILED'}`,
    '',
    `Seed ${run.seed}, ${totals.rounds} rounds on ${run.benches.length} benches (${[...new Set(benches)].join('; ')}); a round took ${median(seconds)} s in the middle, ${(seconds.at(-1) ?? 0).toFixed(1)} s at most.`,
    '',
    '| what | number |',
    '|---|---:|',
    ...totalLines(totals).map(([name, value]) => `| ${name} | ${value.toLocaleString('en')} |`),
    '',
    '| fault | hits | recovery, median s | longest s | what |',
    '|---|---:|---:|---:|---|',
    ...kindRows(run).map((row) => {
      const { kind, hits, recoveryMedianMs, recoveryLongestMs } = row
      return `| ${kind} | ${hits} | ${inSeconds(recoveryMedianMs)} | ${inSeconds(recoveryLongestMs)} | ${faultSpec(kind).meaning} |`
    }),
    ...problemLines(run),
  ]
}

function totalLines(totals: Totals): [string, number][] {
  return [
    ['events sent', totals.sent],
    ['requests, with the repeats of clients', totals.attempts],
    ['requests answered with 503 (or 408)', totals.refused],
    ['requests without an answer', totals.broken],
    ['events accepted (202)', totals.accepted],
    ["of these by way of a producer's disk", totals.spilled],
    ['accepted events that are stored', totals.stored],
    ['lost', totals.lost],
    ['doubled', totals.doubled],
    ['wrong sessions', totals.wrongSessions],
    ['other problems', totals.otherProblems],
    ['processes that ended by themselves', totals.unaskedEnds],
  ]
}

function problemLines(run: FaultRun): string[] {
  const failed = run.rounds.filter(({ problems }) => problems.length > 0)
  const ends = run.rounds.flatMap(({ round, unaskedEnds }) =>
    unaskedEnds.map(({ slot, end }) => `- round ${round}: ${slot} ended by itself with ${end}`),
  )
  return [
    ...(failed.length === 0 ? [] : ['', 'Failed rounds:', '']),
    ...failed.map(({ round, faults, problems }) => {
      const kinds = faults.map(({ kind }) => kind).join(', ')
      return `- round ${round} (${kinds}): ${problems.length} problems, such as ${problems[0]?.kind}: ${problems[0]?.detail}`
    }),
    ...run.lateProblems.slice(0, 10).map(({ kind, detail }) => `- after the last round: ${kind}: ${detail}`),
    ...(ends.length === 0 ? [] : ['', ...ends]),
  ]
}

function median(sorted: readonly number[]): string {
  return (sorted[Math.floor((sorted.length - 1) / 2)] ?? 0).toFixed(1)
}

function inSeconds(ms: number | undefined): string {
  return ms === undefined ? '' : (ms / 1000).toFixed(1)
}
