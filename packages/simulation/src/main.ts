import { parseArgs } from 'node:util'
import { runSeeds, workersDefault, type RangeReport, type SeedRange } from './run-seeds.ts'

const progressMs = 10_000
const failuresShownMax = 5

/** `npm run test:simulation -- --seeds 10000 [--from 1] [--workers 2]`; exits 1 when a seed breaks a promise. */
async function main(): Promise<void> {
  const range = readRange()
  const startedAt = performance.now()
  let toldAt = startedAt
  const total = await runSeeds(range, (soFar, report) => {
    if (report.failure !== undefined && soFar.failures.length <= failuresShownMax) say(report.failure)
    if (performance.now() - toldAt < progressMs) return
    toldAt = performance.now()
    say(progressLine(soFar, range, toldAt - startedAt))
  })
  say(progressLine(total, range, performance.now() - startedAt))
  say(reportText(total))
  if (total.failures.length > 0) process.exitCode = 1
}

function readRange(): SeedRange {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '200' },
      from: { type: 'string', default: '1' },
      workers: { type: 'string', default: String(workersDefault) },
    },
  })
  return { seeds: wholeOf(values.seeds), from: wholeOf(values.from), workers: wholeOf(values.workers) }
}

function wholeOf(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`expected a whole number from 1 on instead of ${text}`)
  return Number(text)
}

function progressLine({ seeds, failures }: RangeReport, range: SeedRange, ms: number): string {
  const perSecond = (seeds / ms) * 1000
  const leftS = Math.round((range.seeds - seeds) / perSecond)
  const left = seeds < range.seeds ? `, ${leftS} s left` : ` in ${Math.round(ms / 1000)} s`
  return `${seeds} of ${range.seeds} seeds from ${range.from} on, ${failures.length} failed${left}`
}

function reportText({ failures, counts, hits, consequences }: RangeReport): string {
  const table = (name: string, rows: ReadonlyMap<string, number>) => {
    const lines = [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1))
    return `${name}\n${lines.map(([key, found]) => `  ${key.padEnd(36)} ${Math.round(found)}`).join('\n')}`
  }
  const failed = failures.map(({ seed }) => seed).toSorted((a, b) => a - b)
  return [
    table('in all', counts),
    table('faults hit', hits),
    table('what came of them', consequences),
    failed.length === 0 ? 'every seed keeps every promise' : `failed seeds: ${failed.join(' ')}`,
  ].join('\n')
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

await main()
