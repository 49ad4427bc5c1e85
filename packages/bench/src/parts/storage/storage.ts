import type { BenchContext, BenchPart, ResultTable } from '../../core/bench-part.ts'
import { shown } from '../../core/report.ts'
import { largeTable, type LargeTable } from './large-table.ts'
import { tableSize, type TableSize } from './table-size.ts'
import { yardstickSizes } from './yardstick-sizes.ts'

/** DESIGN.md, section 7. */
const bytesPerEventMax = 22
const columnsShown = 10

/** What an event takes on disk. */
export const storage: BenchPart = {
  names: ['storage'],
  run: async (context) => {
    const table = await context.shared(largeTable)
    const all = await tableSize(table.server)
    context.table(await sizesTable(table, all, context))
    context.table(columnsTable(table.day, all))
  },
}

async function sizesTable(table: LargeTable, all: TableSize, context: BenchContext): Promise<ResultTable> {
  const { day } = table
  const yardsticks = await yardstickSizes(table, context)
  const row = (what: string, bytes: number, events: number): (string | number)[] => [
    what,
    events,
    bytes / 1e6,
    bytes / events,
  ]
  const ours = day.eventsBytes / day.events
  context.say(`storage: ${shown(ours)} bytes an event, aim ${bytesPerEventMax}`)
  return {
    title: 'storage',
    method:
      `Active parts on disk after merging, indexes included. Aim: at most ${bytesPerEventMax} bytes an event of \`events\`; ` +
      `${shown(ours)} in the day of generated traffic, which went through decoders, enrichment and sink: ` +
      `${ours <= bytesPerEventMax ? 'reached' : 'missed'}. The other 89 days are made of that day with other visitors, ` +
      `sessions and places; what visitors do repeats itself in them, so they take less than traffic would. ` +
      `\`session_states\` is what \`sessions\` reads.`,
    columns: ['what', 'events or sessions', 'MB', 'bytes each'],
    rows: [
      row('events, one day', day.eventsBytes, day.events),
      row('events, all', all.eventsBytes, all.events),
      row('session_states, one day: a session', day.sessionsBytes, day.sessions),
      row('session_states, all: a session', all.sessionsBytes, all.sessions),
      row('session_states, all: an event', all.sessionsBytes, all.events),
      ...yardsticks.map(({ what, bytes, events }) => row(what, bytes, events)),
    ],
  }
}

function columnsTable(day: TableSize, all: TableSize): ResultTable {
  const inDay = new Map(day.columns.map(({ name, bytes }) => [name, bytes / day.events]))
  const largest = all.columns.slice(0, columnsShown)
  return {
    title: 'storage by column',
    method: `Bytes an event of the ${columnsShown} largest columns of \`events\`, compressed.`,
    columns: ['column', 'all', 'one day'],
    rows: largest.map(({ name, bytes }) => [name, bytes / all.events, inDay.get(name) ?? 0]),
  }
}
