import { join } from 'node:path'
import type { AppendRecord, Log } from '@millrace/log'
import { appendAll, openMillraceLog, partitionCount } from '../../core/bench-log.ts'
import type { BenchContext, BenchPart } from '../../core/bench-part.ts'
import type { Contender } from '../../core/comparison.ts'
import type { GeneratedRecords } from '../../core/generated-records.ts'
import { startService } from '../../core/measured-service.ts'
import { processUsage } from '../../core/process-usage.ts'
import type { Sample } from '../../core/sample.ts'
import { metricSum } from '../../core/service-metrics.ts'
import { measureSpan } from '../../core/span.ts'
import { largeTable } from '../storage/large-table.ts'
import { sharedRecords } from '../storage/shared-records.ts'
import { TableServer } from '../storage/table-server.ts'

const events = { full: 250_000, quick: 2_000 }
const logBytesMax = 16 * 2 ** 30
/** Until then each partition has recovered its sessions, which costs a look into the table for each start, not for each event. */
const warmUpShare = 0.25
/** Insert batches are full on a busy machine too: their size, not the table's, would decide what an event costs. */
const insertBatch = { INSERT_ROWS_MAX: '20000', INSERT_AGE_MS_MAX: '5000' }
const activeVisitors = 5_000
const receiptStepMs = 2
/** Above all that the table's newest day came from. */
const rawOffsetOfFirstRound = 10_000_000
/** Cost per event must not grow: events a CPU second beside history, divided by those without. */
const ratioMin = 0.9

/** An engine, and the log that its sink reads. */
interface Place {
  /** Before a round: what earlier rounds left is taken away, or stays. */
  readonly isEmptied: boolean
  readonly server: TableServer
  readonly log: Log
  readonly environment: Readonly<Record<string, string>>
}

/** The sink stores the same events into a table with 90 days of history and into an empty one. */
export const history: BenchPart = {
  names: ['history'],
  run: async (context) => {
    const table = await context.shared(largeTable)
    await table.server.idle()
    const full: Place = {
      isEmptied: false,
      server: table.server,
      log: table.log,
      environment: table.logEnvironment,
    }
    const empty = await emptyPlace(context)
    const source = await context.shared(sharedRecords)
    const count = context.isQuick ? events.quick : events.full
    const rounds = new Rounds(source, { events: count, startAt: table.to.getTime() })
    await context.compare({
      part: 'history',
      log: 'embedded',
      contenders: [storing('beside history', full, rounds), storing('empty table', empty, rounds)],
      aims: [{ yardstick: 'empty table', measure: 'events per CPU second', ratioMin }],
      conditions: {
        'events of history': await table.server.number('SELECT count() FROM events'),
        'events a round, drops among them': count,
        'visitors at the same moment': activeVisitors,
        partitions: partitionCount,
        'rows an insert, at most': insertBatch.INSERT_ROWS_MAX,
        'CPU time': 'of sink and engine, merges that the events lead to among it',
        measured: `from ${warmUpShare * 100} % to the end of the backlog, and until the engine has merged`,
      },
    })
  },
}

async function emptyPlace(context: BenchContext): Promise<Place> {
  const server = await TableServer.start('empty', context)
  const environment = {
    DATA_DIR: join(context.directory, 'empty-log'),
    EMBEDDED_LOG_BYTES_MAX: String(logBytesMax),
  }
  const options = { ...environment, EMBEDDED_LOG_BYTES_MAX: logBytesMax }
  const log = await openMillraceLog(options, context.cleanup)
  return { isEmptied: true, server, log, environment }
}

/** The events of each round: the same for all places, and others than those of the rounds before. */
class Rounds {
  readonly #source: GeneratedRecords
  readonly #events: number
  readonly #startAt: number
  readonly #done = new Map<Place, number>()
  #made: { readonly round: number; readonly records: readonly AppendRecord[] } | undefined

  constructor(
    source: GeneratedRecords,
    { events: count, startAt }: { readonly events: number; readonly startAt: number },
  ) {
    this.#source = source
    this.#events = count
    this.#startAt = startAt
  }

  /** Appends a place's next round. @returns its records */
  async append(place: Place): Promise<number> {
    const round = this.#done.get(place) ?? 0
    this.#done.set(place, round + 1)
    if (this.#made?.round !== round) this.#made = { round, records: this.#make(round) }
    await appendAll(place.log, this.#made.records)
    return this.#made.records.length
  }

  #make(round: number): AppendRecord[] {
    const first = round * this.#events
    const receivedAt = (event: number): number => this.#startAt + (first + event) * receiptStepMs
    const rawOffset = rawOffsetOfFirstRound + first
    const seed = 1_000 + round
    return [...this.#source.enriched({ events: this.#events, seed, activeVisitors, receivedAt, rawOffset })]
  }
}

function storing(name: string, place: Place, rounds: Rounds): Contender {
  return {
    name,
    measure: async () => {
      const { server, environment } = place
      const added = await rounds.append(place)
      if (place.isEmptied) await empty(server)
      await server.idle()
      const before = await server.number('SELECT count() FROM events')
      const sample = await stored({ server, environment, added })
      const grown = (await server.number('SELECT count() FROM events')) - before
      return { ...sample, more: { ...sample.more, 'rows stored': grown } }
    },
  }
}

async function stored({
  server,
  environment,
  added,
}: Pick<Place, 'server' | 'environment'> & { readonly added: number }): Promise<Sample> {
  const { service, adminUrl } = await startService('sink', {
    ...environment,
    ...server.environment,
    ...insertBatch,
  })
  try {
    const done = () => metricSum(adminUrl, 'millrace_sink_inserted_rows_total')
    const sample = await measureSpan({
      total: added,
      warmUp: added * warmUpShare,
      done,
      pids: [service.pid],
      enginePid: server.pid,
    })
    const atEnd = processUsage(server.pid).cpuSeconds
    await server.idle()
    const merging = processUsage(server.pid).cpuSeconds - atEnd
    return { ...sample, cpuSeconds: sample.cpuSeconds + merging, more: { 'merging after, CPU s': merging } }
  } finally {
    await service.stop()
  }
}

async function empty(server: TableServer): Promise<void> {
  for (const table of ['events', 'session_states', 'dropped_events'])
    await server.run(`TRUNCATE TABLE ${table} SYNC`)
}
