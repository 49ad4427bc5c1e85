import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { kafkaUnavailable } from '@millrace/log/testing'
import { temporaryDirectory } from '@millrace/e2e'
import { describe, expect, it } from 'vitest'
import type { BenchResults } from './core/report.ts'

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const msMax = 420_000
const noKafka = await kafkaUnavailable()

describe.each([
  { log: 'embedded', missing: undefined },
  { log: 'kafka', missing: noKafka },
])('the benchmark on $log', ({ log, missing }) => {
  const title = 'runs every part quickly, and leaves figures, table and plots behind'
  it.skipIf(missing !== undefined)(
    missing === undefined ? title : `${title} (${missing})`,
    { timeout: msMax },
    async () => {
      const directory = await temporaryDirectory()
      try {
        await runQuickly(log, directory.path)
        const file = (name: string): string => join(directory.path, name)
        const results = JSON.parse(await readFile(file('results.json'), 'utf8')) as BenchResults
        const measured = new Set(
          results.comparisons.map((comparison) => `${comparison.part} ${comparison.log}`),
        )
        for (const part of ['producer', 'enricher', 'sink', 'scale of the enricher', 'scale of the sink']) {
          expect(measured).toContain(`${part} ${log}`)
        }
        const samples = results.comparisons
          .flatMap(({ contenders }) => contenders)
          .flatMap((contender) => contender.samples)
        for (const { events, seconds } of samples) expect(Math.min(events, seconds)).toBeGreaterThan(0)
        expect(results.tables.length).toBeGreaterThan(3)
        expect(await readFile(file('results.md'), 'utf8')).toContain('nothing of how fast')
        for (const { name } of results.plots)
          expect((await stat(file(`${name}.svg`))).size).toBeGreaterThan(1_000)
      } finally {
        await directory.remove()
      }
    },
  )
})

function runQuickly(log: string, directory: string): Promise<void> {
  const args = [main, '--quick', '--log', log, '--out', directory]
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { timeout: msMax }, (error, _stdout, stderr) => {
      if (error === null) resolve()
      else reject(new Error(stderr.slice(-5_000), { cause: error }))
    })
  })
}
