import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { checkedOutCommit } from '@millrace/e2e'
import { kafkaUnavailable } from '@millrace/log/testing'
import { BenchRun } from './bench-run.ts'
import { readArguments, usage, UsageError } from './core/arguments.ts'
import { markdownOf, shown } from './core/report.ts'
import { parts } from './parts/parts.ts'

/** `npm run bench`: measures, says how it goes, prints the table and leaves it with the figures in a directory. */
async function main(): Promise<void> {
  const words = process.argv.slice(2)
  const given = readArguments(words)
  if (given.logs.includes('kafka')) {
    const missing = await kafkaUnavailable()
    if (missing !== undefined) throw new UsageError(`Kafka ${missing}; --log embedded runs without it`)
  }
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
  const run = new BenchRun({
    given,
    about: {
      ...machine(),
      command: ['npm run bench', ...(words.length > 0 ? ['--', ...words] : [])].join(' '),
    },
    say: (line) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`),
    signal: stopping.signal,
  })
  const results = await run.run(parts)
  process.stdout.write(`${markdownOf(results)}\nIn full: ${join(given.directory, 'results.json')}\n`)
}

function machine(): { machine: string; commit: string; startedAt: string } {
  const load = shown(loadavg()[0] ?? 0)
  const model = cpus()[0]?.model ?? 'unknown processor'
  return {
    machine:
      `${availableParallelism()} cores (${model}), ${Math.round(totalmem() / 2 ** 30)} GiB, ` +
      `${type()} ${release()}, Node ${process.version}, load ${load} at the start`,
    commit: checkedOutCommit() || 'unknown',
    startedAt: new Date().toISOString(),
  }
}

try {
  await main()
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n${usage}\n`)
    process.exitCode = 2
  } else {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exitCode = 1
  }
}
