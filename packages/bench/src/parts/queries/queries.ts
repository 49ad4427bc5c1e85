import type { BenchContext, BenchPart } from '../../core/bench-part.ts'
import { distributionOf } from '../../core/distribution.ts'
import { shown } from '../../core/report.ts'
import { largeTable, type LargeTable } from '../storage/large-table.ts'
import { questions, type Question } from './questions.ts'
import { makeByTimeTable, byTimeTable, yardstickQuestions } from './yardstick-questions.ts'

const runs = { full: 5, quick: 1 }
const spansDays = [30, 90] as const
const columns = [
  'question',
  'large site, 30 days, ms',
  '90 days, ms',
  'rows read',
  'MB read',
  'small site, 30 days, ms',
  '90 days, ms',
  'rows read',
]

/** What analysts ask, of a large and a small site. */
export const queries: BenchPart = {
  names: ['queries'],
  run: async (context) => {
    const table = await context.shared(largeTable)
    for (const statement of makeByTimeTable) await table.server.run(statement)
    await table.server.idle()
    const rows = []
    for (const question of [...questions, ...yardstickQuestions]) {
      context.signal.throwIfAborted()
      rows.push(await askedOf(question, table, context))
    }
    await table.server.run(`DROP TABLE ${byTimeTable} SYNC`)
    const { sites, events } = table
    const site = ({ site: name, events: own }: { site: string; events: number }): string =>
      `${name} has ${shown((100 * own) / events)} %`
    context.table({
      title: 'queries',
      method:
        `Of ${events.toLocaleString('en-US')} events in 90 days. Large and small site: ${site(sites.large)}, ${site(sites.small)}; ` +
        `for visitors with ids ${site(sites.largeWithIds)}, ${site(sites.smallWithIds)}. Median (min to max) of ` +
        `${context.isQuick ? runs.quick : runs.full} runs as the engine measures them, after one that is not counted; ` +
        `page cache warm, \`use_query_condition_cache=0\`; rows and bytes read in 90 days. The SQL is that of README.`,
      columns,
      rows,
    })
  },
}

async function askedOf(
  question: Question,
  { server, sites, to }: LargeTable,
  context: BenchContext,
): Promise<(string | number)[]> {
  const { isOfKnownVisitors = false } = question
  const asked = isOfKnownVisitors ? [sites.largeWithIds, sites.smallWithIds] : [sites.large, sites.small]
  const cells = []
  for (const [index, { site }] of asked.entries()) {
    const spans = []
    for (const days of spansDays) {
      const from = new Date(to.getTime() - days * 86_400_000)
      const params = { site, from: clickHouseTime(from), to: clickHouseTime(to) }
      spans.push(await measured(() => server.ask(question.sql, params), context))
    }
    const last = spans.at(-1)
    cells.push(...spans.map(({ ms }) => ms), last?.rowsRead ?? 0)
    if (index === 0) cells.push((last?.bytesRead ?? 0) / 1e6)
  }
  context.say(`queries: ${question.name}: ${String(cells[1])} ms`)
  return [question.name, ...cells]
}

async function measured(
  ask: () => Promise<{ elapsedMs: number; rowsRead: number; bytesRead: number }>,
  { isQuick }: Pick<BenchContext, 'isQuick'>,
): Promise<{ ms: string; rowsRead: number; bytesRead: number }> {
  const { rowsRead, bytesRead } = await ask()
  const times: number[] = []
  for (let run = 0; run < (isQuick ? runs.quick : runs.full); run++) times.push((await ask()).elapsedMs)
  const { median, min, max } = distributionOf(times)
  return { ms: `${shown(median)} (${shown(min)} to ${shown(max)})`, rowsRead, bytesRead }
}

/** As a `DateTime` parameter takes it. */
export function clickHouseTime(time: Date): string {
  return time.toISOString().slice(0, 19).replace('T', ' ')
}
