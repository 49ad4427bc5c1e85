import { writeFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'
import { kafkaUnavailable } from '@millrace/log/testing'
import { checkedOutCommit } from '../checked-out-commit.ts'
import { canMountSmallDisk } from '../small-disk.ts'
import { readArguments, usage, UsageError, type Arguments } from './arguments.ts'
import { hasSucceeded, runFaults, type FaultRun } from './fault-run.ts'
import { kindRows, markdownReport, totalsOf, type ReportContext } from './report.ts'
import { roundLine } from './round-line.ts'

/** `npm run test:faults`: runs the rounds, says how each went, writes the report. Exit code 1 on any failure. */
async function main(): Promise<number> {
  const given = readArguments(process.argv.slice(2))
  const stopping = new AbortController()
  stopAt(['SIGINT', 'SIGTERM'], stopping)
  const canFillDisk = canMountSmallDisk()
  const context: ReportContext = {
    version: checkedOutCommit(),
    machine: `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()}, Node ${process.version}`,
    startedAt: new Date().toISOString(),
    leftOut: canFillDisk ? [] : ['full-disk, which needs the right to mount a tmpfs'],
  }
  const runs: FaultRun[] = []
  for (const log of given.logs) {
    if (log === 'kafka') await assertKafka(given)
    const earlier = [...runs]
    runs.push(
      await runFaults({
        ...given,
        log,
        canFillDisk,
        signal: stopping.signal,
        onRound: (outcome, run) => {
          print(`${log} ${roundLine(outcome)}`)
          writeReport([...earlier, run], { context, file: given.report })
        },
        onFailure: print,
      }),
    )
  }
  writeReport(runs, { context, file: given.report })
  print(`\n${markdownReport(runs, context)}`)
  if (stopping.signal.aborted) print('stopped before the last round')
  return !stopping.signal.aborted && runs.every(hasSucceeded) ? 0 : 1
}

/** The first signal lets the round in hand end; the second ends at once. */
function stopAt(signals: readonly NodeJS.Signals[], stopping: AbortController): void {
  for (const signal of signals) {
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(1)
      stopping.abort()
    })
  }
}

async function assertKafka({ brokers }: Arguments): Promise<void> {
  const missing = await kafkaUnavailable({ brokers: brokers ?? 3, faults: true })
  if (missing !== undefined) throw new UsageError(`Kafka ${missing}; --log embedded runs without it`)
}

/** Markdown, and the same with every round as JSON beside it. */
function writeReport(
  runs: readonly FaultRun[],
  { context, file }: { readonly context: ReportContext; readonly file: string | undefined },
): void {
  if (file === undefined) return
  writeFileSync(file, markdownReport(runs, context))
  const results = runs.map((run) => ({ ...run, totals: totalsOf(run), kinds: kindRows(run) }))
  writeFileSync(`${file.replace(/\.md$/, '')}.json`, JSON.stringify({ ...context, runs: results }, null, 2))
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(error instanceof UsageError ? `${error.message}\n${usage}\n` : `${String(error)}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
