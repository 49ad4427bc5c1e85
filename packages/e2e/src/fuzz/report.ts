import type { FuzzRun } from './fuzz-run.ts'

export function hasPassed({ failures, problems }: FuzzRun): boolean {
  return failures.length === 0 && problems.length === 0
}

export function progressLine({ requests, ms, failures }: FuzzRun, requestsMax: number): string {
  const perSecond = Math.round((requests / ms) * 1_000)
  return `${String(requests)} of ${String(requestsMax)} requests, ${String(perSecond)}/s, ${String(failures.length)} failed`
}

/** @param seed for the line that sends a failed request again */
export function fuzzReport(run: FuzzRun, seed: number): string {
  const { answers, failures, problems, log, memory, acceptedEmpty } = run
  const counted = [...answers].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const lines = [
    ...counted.map(([key, count]) => `  ${key.padEnd(14)} ${String(count)}`),
    ...[...acceptedEmpty].map(
      ([path, count]) => `  accepted with nothing to store: ${path} ${String(count)}`,
    ),
    ...(log === undefined
      ? []
      : [
          `raw log: ${String(log.records)} records, ${String(log.unanswered)} of broken connections unanswered`,
        ]),
    memory === undefined
      ? 'memory: not measured here'
      : `memory, median: ${mebibytes(memory.middleBytes)} in the second third, ${mebibytes(memory.lastBytes)} in the last`,
    ...failures.map(
      ({ index, problem, answer, request }) =>
        `FAILED --seed ${String(seed)} --from ${String(index)} --requests 1: ${problem}\n  ${answer}\n  ${JSON.stringify(request)}`,
    ),
    ...problems.map((problem) => `FAILED: ${problem}`),
    hasPassed(run)
      ? 'no 5xx, no crash, no growth of memory; each acceptance has its records, each record its answer'
      : 'not passed',
  ]
  return lines.join('\n')
}

function mebibytes(bytes: number): string {
  return `${String(Math.round(bytes / 2 ** 20))} MiB`
}
