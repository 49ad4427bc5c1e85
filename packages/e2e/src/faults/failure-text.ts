import type { Bench } from './bench.ts'
import type { Problem } from './problem.ts'
import type { RoundPlan } from './round-plan.ts'
import type { RoundOutcome } from './round.ts'

const problemsShownMax = 30
const outputShownChars = 3_000

/** What a reader needs to see of a round that failed: how to repeat it, what was done, what differs, what was logged. */
export function failureText(failure: {
  readonly seed: number
  readonly log: string
  readonly bench: Bench
  readonly plan?: RoundPlan
  readonly outcome?: RoundOutcome
  readonly problems?: readonly Problem[]
}): string {
  const { seed, log, bench, plan, outcome } = failure
  const problems = outcome?.problems ?? failure.problems ?? []
  const { brokers } = bench.plan
  const again = `npm run test:faults -- --seed ${seed} --from ${plan?.round ?? 0} --rounds 1 --log ${log}${brokers === 0 ? '' : ` --brokers ${brokers}`}`
  return [
    plan === undefined
      ? 'A bench failed after its last round.'
      : `Round ${plan.round} failed. Again: ${again}`,
    `Bench: ${JSON.stringify(bench.plan)}, data kept in ${bench.directory}`,
    ...(outcome?.faults ?? []).map((fault) => `  ${JSON.stringify(fault)}`),
    ...(plan?.faults ?? []).map(({ kind, atMs }) => `  planned: ${kind} at ${atMs} ms`),
    ...problems.slice(0, problemsShownMax).map(({ kind, detail }) => `${kind}: ${detail}`),
    ...(problems.length > problemsShownMax ? [`and ${problems.length - problemsShownMax} more`] : []),
    ...bench.unaskedEnds().map(({ slot, end, output }) => `${slot} ended by itself with ${end}:\n${output}`),
    ...bench.outputs().map(({ name, output }) => `--- ${name} ---\n${output.slice(-outputShownChars)}`),
  ].join('\n')
}
