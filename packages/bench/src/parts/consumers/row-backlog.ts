import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventsTable, migrate } from '@millrace/clickhouse'
import { topics } from '@millrace/events'
import { appendAll, partitionCount, type BenchLog } from '../../core/bench-log.ts'
import type { BenchContext } from '../../core/bench-part.ts'
import { GeneratedRecords } from '../../core/generated-records.ts'
import { startService } from '../../core/measured-service.ts'
import { metricSum } from '../../core/service-metrics.ts'
import { measureSpan } from '../../core/span.ts'
import type { BenchEngine } from './bench-engine.ts'

/** The same events three times: enriched records, one JSON row a message, and blocks in Native format. */
export interface RowBacklog {
  readonly events: number
  readonly enrichedBytes: number
  readonly jsonBytes: number
  readonly blocks: readonly { readonly file: string; readonly rows: number }[]
}

/** One JSON row of `events` a message. */
export const rowsTopic = 'bench.rows'
const blockRowsMax = 50_000
const rowsAnAppend = 20_000
export const insertedColumns = eventsTable.columns.map(({ name }) => name).join(', ')

/**
 * Fills the enriched topic, lets a sink store it once in a database of its own, and takes rows and blocks from there: what
 * the yardsticks get is what our own sink made of the same events.
 */
export async function makeRowBacklog(options: {
  readonly bench: BenchLog
  readonly engine: BenchEngine
  readonly context: BenchContext
  readonly events: number
}): Promise<RowBacklog> {
  const { bench, engine, context, events } = options
  const generated = await GeneratedRecords.open()
  context.say(`sink, ${bench.kind}: appending enriched records of ${events} events`)
  const enrichedBytes = await appendAll(bench.log, generated.enriched({ events }))
  const stored = (await bench.log.watermarks(topics.enriched)).reduce(
    (sum, { high, low }) => sum + high - low,
    0,
  )
  const database = 'bench_rows'
  await storeOnce({ bench, engine, database, events: stored })
  const jsonBytes = await appendRows(bench, engine, database)
  const blocks = await writeBlocks(engine, { database, directory: context.directory, rows: stored })
  await engine.drop(database)
  return { events: stored, enrichedBytes, jsonBytes, blocks }
}

async function storeOnce(options: {
  readonly bench: BenchLog
  readonly engine: BenchEngine
  readonly database: string
  readonly events: number
}): Promise<void> {
  const { bench, engine, database, events } = options
  await migrate({ ...engine.access(database), requestMsMax: 60_000 })
  const { service, adminUrl } = await startService('sink', {
    ...bench.environment,
    ...engine.environment(database),
  })
  const done = () => metricSum(adminUrl, 'millrace_sink_inserted_rows_total', { table: 'events' })
  await measureSpan({ total: events, warmUp: 0, done, pids: [service.pid] })
  await service.stop()
}

async function appendRows(bench: BenchLog, engine: BenchEngine, database: string): Promise<number> {
  await bench.log.createTopics([
    { topic: rowsTopic, partitions: partitionCount, retentionMs: 86_400_000, replicationFactor: 1 },
  ])
  let bytes = 0
  for (let partition = 0; partition < partitionCount; partition++) {
    for (let from = 0; ; from += rowsAnAppend) {
      const text = await engine.ask(
        `SELECT ${insertedColumns} FROM ${database}.events WHERE kafka_partition = ${partition}
         AND kafka_offset >= ${from} AND kafka_offset < ${from + rowsAnAppend} ORDER BY kafka_offset
         FORMAT JSONEachRow SETTINGS output_format_json_quote_64bit_integers = 0`,
      )
      const lines = text.split('\n').filter((line) => line !== '')
      if (lines.length === 0) break
      const records = lines.map((line) => ({
        topic: rowsTopic,
        partition,
        key: null,
        value: Buffer.from(line),
      }))
      bytes += await appendAll(bench.log, records)
    }
  }
  return bytes
}

async function writeBlocks(
  engine: BenchEngine,
  {
    database,
    directory,
    rows,
  }: { readonly database: string; readonly directory: string; readonly rows: number },
): Promise<RowBacklog['blocks']> {
  const blocks = []
  for (let from = 0; from < rows; from += blockRowsMax) {
    const file = join(directory, `${database}-${from}.native`)
    const count = Math.min(blockRowsMax, rows - from)
    const block = await engine.askBytes(
      `SELECT ${insertedColumns} FROM ${database}.events ORDER BY kafka_partition, kafka_offset
       LIMIT ${from}, ${count} FORMAT Native SETTINGS max_block_size = ${blockRowsMax}, max_threads = 1`,
    )
    await writeFile(file, block)
    blocks.push({ file, rows: count })
  }
  return blocks
}
