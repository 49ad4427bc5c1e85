import type { RunResult } from './simulate.ts'

const detailsMax = 5
const historyLinesMax = 400

/** What a stranger needs to understand a failed run and to have it again. */
export function failureText({ seed, broken, failures, history }: RunResult): string {
  const promises = broken.slice(0, detailsMax).map(({ promise, detail }) => `  broken: ${promise}: ${detail}`)
  const leftOut = broken.length - promises.length
  return [
    `seed ${seed} (again: npm run test:simulation -- --from ${seed} --seeds 1)`,
    ...promises,
    ...(leftOut > 0 ? [`  and ${leftOut} more`] : []),
    ...failures.map((failure) => `  ended by itself: ${failure}`),
    history.text(historyLinesMax),
  ].join('\n')
}
