import { fuzzUsage, FuzzUsageError, readFuzzArguments } from './arguments.ts'
import { runFuzz } from './fuzz-run.ts'
import { fuzzReport, hasPassed, progressLine } from './report.ts'

const progressMs = 10_000

/** `npm run test:fuzz`: sends the requests, says what came of them. Exit code 1 when a promise is broken. */
async function main(): Promise<number> {
  const given = readFuzzArguments(process.argv.slice(2))
  let toldAt = performance.now()
  const run = await runFuzz({
    ...given,
    onProgress: (soFar) => {
      if (performance.now() - toldAt < progressMs) return
      toldAt = performance.now()
      print(progressLine(soFar, given.requests))
    },
  })
  print(progressLine(run, given.requests))
  print(fuzzReport(run, given.seed))
  return hasPassed(run) ? 0 : 1
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(
    error instanceof FuzzUsageError ? `${error.message}\n${fuzzUsage}\n` : `${String(error)}\n`,
  )
  process.exitCode = error instanceof FuzzUsageError ? 2 : 1
}
