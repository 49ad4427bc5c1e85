import { createGzip } from 'node:zlib'
import type { BenchContext } from '../../core/bench-part.ts'
import type { LargeTable } from './large-table.ts'

const rowsMax = { full: 500_000, quick: 5_000 }
/** As people write them by hand: text in every column that is no number, the compression that is the default. */
const plainTable = 'bench_plain'
const linesTable = 'bench_lines'

export interface YardstickSize {
  readonly what: string
  readonly bytes: number
  readonly events: number
}

/** The same rows, the newest of the table, kept in other ways. */
export async function yardstickSizes(
  { server, to }: LargeTable,
  { isQuick }: Pick<BenchContext, 'isQuick'>,
): Promise<YardstickSize[]> {
  const dayStart = Math.floor(to.getTime() / 1000) - 86_400
  const rows = `FROM events WHERE timestamp >= toDateTime(${dayStart}, 'UTC') AND kafka_partition < 4
    ORDER BY timestamp LIMIT ${isQuick ? rowsMax.quick : rowsMax.full}`
  const events = await server.number(`SELECT count() FROM (SELECT 1 ${rows})`)
  const lines = await server.stream(`SELECT * ${rows} FORMAT JSONEachRow`)
  const json = await sizesOf(lines as AsyncIterable<Buffer>)
  return [
    { what: 'yardstick: JSON lines', bytes: json.plain, events },
    { what: 'yardstick: JSON lines, gzip', bytes: json.gzip, events },
    { what: 'yardstick: JSON lines, zstd', bytes: await zstdBytes(server, rows), events },
    { what: 'yardstick: MergeTree with String columns', bytes: await plainBytes(server, rows), events },
  ]
}

async function sizesOf(lines: AsyncIterable<Uint8Array>): Promise<{ plain: number; gzip: number }> {
  const gzip = createGzip()
  const zipped = bytesOf(gzip)
  let plain = 0
  for await (const piece of lines) {
    plain += piece.length
    if (!gzip.write(piece)) await new Promise((resolve) => gzip.once('drain', resolve))
  }
  gzip.end()
  return { plain, gzip: await zipped }
}

async function bytesOf(stream: AsyncIterable<Uint8Array | Buffer>): Promise<number> {
  let bytes = 0
  for await (const piece of stream) bytes += piece.length
  return bytes
}

/** In blocks of a megabyte, as a column of lines. */
function zstdBytes(server: LargeTable['server'], rows: string): Promise<number> {
  return mergedBytes(server, {
    table: linesTable,
    columns: 'line String CODEC(ZSTD(3))',
    order: 'tuple()',
    select: `SELECT formatRowNoNewline('JSONEachRow', *) AS line FROM (SELECT * ${rows})`,
  })
}

async function plainBytes(server: LargeTable['server'], rows: string): Promise<number> {
  const { rows: columns } = await server.ask<{ name: string; type: string }>(
    `SELECT name, type FROM system.columns
     WHERE database = 'millrace' AND table = 'events' AND default_kind != 'ALIAS' ORDER BY position`,
  )
  return mergedBytes(server, {
    table: plainTable,
    columns: columns.map(({ name, type }) => `${name} ${plainType(type)}`).join(', '),
    order: '(site, timestamp)',
    select: `SELECT ${columns.map(({ name }) => name).join(', ')} ${rows}`,
  })
}

/** Bytes on disk of a table that is made for it and dropped. */
async function mergedBytes(
  server: LargeTable['server'],
  made: {
    readonly table: string
    readonly columns: string
    readonly order: string
    readonly select: string
  },
): Promise<number> {
  const { table, columns, order, select } = made
  await server.run(`CREATE TABLE ${table} (${columns}) ENGINE = MergeTree ORDER BY ${order}`)
  await server.run(`INSERT INTO ${table} ${select}`)
  await server.run(`OPTIMIZE TABLE ${table} FINAL`)
  const bytes = await server.number(
    `SELECT sum(bytes_on_disk) FROM system.parts WHERE database = 'millrace' AND table = '${table}' AND active`,
  )
  await server.run(`DROP TABLE ${table} SYNC`)
  return bytes
}

/** `LowCardinality(String)` is `String`, a map is one of plain strings; numbers and times stay. */
export function plainType(type: string): string {
  return type.replaceAll('LowCardinality(String)', 'String')
}
