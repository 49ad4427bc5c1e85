import { join } from 'node:path'
import { topics } from '@millrace/events'
import type { Log } from '@millrace/log'
import { appendAll, openMillraceLog, partitionCount } from '../../core/bench-log.ts'
import type { BenchContext } from '../../core/bench-part.ts'
import type { GeneratedRecords } from '../../core/generated-records.ts'
import { startService } from '../../core/measured-service.ts'
import { metricSum } from '../../core/service-metrics.ts'
import { measureSpan } from '../../core/span.ts'
import { copiedDays, copyEvents, copySessions, dayTable, daySessionsTable } from './copied-days.ts'
import { dayOfReceipt } from './day-of-receipt.ts'
import { sharedRecords } from './shared-records.ts'
import { tableSize, type TableSize } from './table-size.ts'
import { TableServer } from './table-server.ts'

const dayMs = 86_400_000
const sites = 1_000
/** Of the visits of its protocol; Plausible's are 70 of 100. */
const largestSiteShare = 0.14
/** Visitors who browse at the same moment, when a day has a million events: half a minute from event to event. */
const visitorsPerMillion = 350
const logBytesMax = 16 * 2 ** 30
/** About as many rows as one insert may have without being cut. */
const rowsAnInsert = 1_500_000
/** What of the generated events is stored: bots are dropped. */
const storedShare = 0.955
export const rowsInQuick = 20_000

/** 90 days of realistic events, in a log's directory and an engine's. */
export interface LargeTable {
  readonly server: TableServer
  /** The log that the newest day came through; what is appended to its enriched topic continues it. */
  readonly log: Log
  readonly logEnvironment: Readonly<Record<string, string>>
  readonly events: number
  /** First and last moment, as `{from:DateTime}` and `{to:DateTime}`; to is no more in it. */
  readonly from: Date
  readonly to: Date
  /** About a tenth of the events, and about one in 5,000. */
  readonly sites: {
    readonly large: SiteShare
    readonly small: SiteShare
    /** The same of sites whose visitors come with an id. */
    readonly largeWithIds: SiteShare
    readonly smallWithIds: SiteShare
  }
  /** The newest day as the sink stored it, by itself and merged. */
  readonly day: TableSize
}

export interface SiteShare {
  readonly site: string
  readonly events: number
}

/**
 * A day of generated traffic goes through decoders, enrichment and a real sink; the other 89 are made of it in ClickHouse (see
 * `copied-days.ts`). To be had by `context.shared(largeTable)`, built once in a run.
 */
export async function largeTable(context: BenchContext): Promise<LargeTable> {
  const rows = context.isQuick ? rowsInQuick : context.tableEvents
  const to = Math.floor(Date.now() / dayMs) * dayMs
  const server = await TableServer.start('large', context)
  const logEnvironment = {
    DATA_DIR: join(context.directory, 'large-log'),
    EMBEDDED_LOG_BYTES_MAX: String(logBytesMax),
  }
  const logOptions = { DATA_DIR: logEnvironment.DATA_DIR, EMBEDDED_LOG_BYTES_MAX: logBytesMax }
  const log = await openMillraceLog(logOptions, context.cleanup)
  const generated = Math.ceil(rows / copiedDays / storedShare)
  context.say(`table: a day of ${generated} events through enrichment and sink`)
  const source = await context.shared(sharedRecords)
  await storeDay({ source, server, log, logEnvironment, generated, dayStart: to - dayMs })
  await keepDay(server)
  await copyRange(server, [0, 0])
  await mergeAll(server)
  const day = await tableSize(server)
  await copyDays(server, context)
  const events = await server.number('SELECT count() FROM events')
  context.say(`table: ${events} events in ${copiedDays} days`)
  return {
    server,
    log,
    logEnvironment,
    events,
    from: new Date(to - copiedDays * dayMs),
    to: new Date(to),
    sites: await chooseSites(server, events),
    day,
  }
}

async function storeDay(options: {
  readonly source: GeneratedRecords
  readonly server: TableServer
  readonly log: Log
  readonly logEnvironment: Readonly<Record<string, string>>
  readonly generated: number
  readonly dayStart: number
}): Promise<void> {
  const { source, server, log, logEnvironment, generated, dayStart } = options
  const activeVisitors = Math.max(20, Math.ceil((generated * visitorsPerMillion) / 1e6))
  const receivedAt = dayOfReceipt(dayStart, generated)
  await appendAll(
    log,
    source.enriched({ events: generated, sites, largestSiteShare, activeVisitors, receivedAt }),
  )
  const { service, adminUrl } = await startService('sink', { ...logEnvironment, ...server.environment })
  try {
    const total = (await log.watermarks(topics.enriched)).reduce((sum, { high }) => sum + high, 0)
    const done = () => metricSum(adminUrl, 'millrace_sink_inserted_rows_total')
    await measureSpan({ total, warmUp: 0, done, pids: [service.pid] })
  } finally {
    await service.stop()
  }
}

/**
 * The day's rows in a table beside, as they would be had they been stored as they came: the sink stored the whole day in
 * seconds, so when it did is said anew; and the mark that the generator leaves on every event is no traffic.
 */
async function keepDay(server: TableServer): Promise<void> {
  await server.idle()
  await server.run(`CREATE TABLE ${dayTable} AS events`)
  const columns = `* EXCEPT (ingest_lag_s, props), receive_lag_s + cityHash64(kafka_offset) % 2 AS ingest_lag_s,
    mapFilter((key, value) -> key != 'run', props) AS props`
  const names = await columnsOf(server, 'events', ['ingest_lag_s', 'props'])
  const all = [...names, 'ingest_lag_s', 'props'].join(', ')
  await server.run(`INSERT INTO ${dayTable} (${all}) SELECT ${columns} FROM events`)
  await server.run(`CREATE TABLE ${daySessionsTable} AS session_states`)
  await server.run(`INSERT INTO ${daySessionsTable} SELECT * FROM session_states FINAL`)
  // The view would make the same sessions of the copied events again, at several times the cost.
  await server.run('DETACH TABLE session_states_mv')
  for (const table of ['events', 'session_states']) await server.run(`TRUNCATE TABLE ${table} SYNC`)
}

async function copyRange(server: TableServer, copies: readonly [number, number]): Promise<void> {
  const offsets = await server.number(
    `SELECT max(greatest(kafka_offset, raw_offset)) + 1000 FROM ${dayTable}`,
  )
  await server.run(copyEvents(copies, { partitions: partitionCount, offsets }), insertSettings)
  const columns = await columnsOf(server, 'session_states', [])
  await server.run(copySessions(copies, { columns, offsets }), insertSettings)
}

const insertSettings = {
  max_insert_threads: '1',
  max_partitions_per_insert_block: '100',
  min_insert_block_size_rows: String(rowsAnInsert),
  min_insert_block_size_bytes: String(2 ** 30),
  max_memory_usage: String(3 * 2 ** 30),
}

async function copyDays(server: TableServer, context: BenchContext): Promise<void> {
  const rows = await server.number(`SELECT count() FROM ${dayTable}`)
  const daysAtOnce = Math.max(1, Math.floor(rowsAnInsert / rows))
  // Otherwise rows would be merged several times on the way to the one part that is wanted in the end.
  for (const table of ['events', 'session_states']) await server.run(`SYSTEM STOP MERGES ${table}`)
  for (let first = 1; first < copiedDays; first += daysAtOnce) {
    context.signal.throwIfAborted()
    const last = Math.min(copiedDays - 1, first + daysAtOnce - 1)
    await copyRange(server, [first, last])
    context.say(`table: ${last + 1} of ${copiedDays} days`)
  }
  for (const table of ['events', 'session_states']) await server.run(`SYSTEM START MERGES ${table}`)
  context.say('table: merging')
  await mergeAll(server)
  for (const table of [dayTable, daySessionsTable]) await server.run(`DROP TABLE ${table} SYNC`)
  await server.run('ATTACH TABLE session_states_mv')
}

/** One part for each month, as time would bring about. */
async function mergeAll(server: TableServer): Promise<void> {
  const { rows } = await server.ask<{ partition: string }>(
    `SELECT DISTINCT partition FROM system.parts WHERE database = 'millrace' AND table = 'events' AND active ORDER BY partition`,
  )
  for (const { partition } of rows) await server.run(`OPTIMIZE TABLE events PARTITION ${partition} FINAL`)
  await server.run('OPTIMIZE TABLE session_states FINAL')
  await server.idle()
}

/** Names of the columns that are stored. */
async function columnsOf(server: TableServer, table: string, except: readonly string[]): Promise<string[]> {
  const { rows } = await server.ask<{ name: string }>(
    `SELECT name FROM system.columns WHERE database = 'millrace' AND table = '${table}' AND default_kind != 'ALIAS' ORDER BY position`,
  )
  return rows.map(({ name }) => name).filter((name) => !except.includes(name))
}

/** Sites whose visitors are anonymous are Plausible's, and Kameleoon's come with a visitor code. */
async function chooseSites(server: TableServer, events: number): Promise<LargeTable['sites']> {
  const nearest = async (protocol: string, share: number): Promise<SiteShare> => {
    const { rows } = await server.ask<{ site: string; events: string }>(
      `SELECT site, count() AS events FROM events WHERE protocol = '${protocol}' GROUP BY site
       ORDER BY abs(log(events / ${events * share})), site LIMIT 1`,
    )
    const [found] = rows
    if (found === undefined) throw new Error(`the table has no site of ${protocol}`)
    return { site: found.site, events: Number(found.events) }
  }
  return {
    large: await nearest('plausible', 0.1),
    small: await nearest('plausible', 0.0002),
    largeWithIds: await nearest('kameleoon', 0.1),
    smallWithIds: await nearest('kameleoon', 0.0002),
  }
}
