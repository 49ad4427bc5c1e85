import type { Store, Table } from '@millrace/clickhouse'
import { nothingCounted, type ImportCounts } from './import-counts.ts'

/** How far the import of a file is, as its row in `imports` says. */
export interface ImportState {
  /** Every event of the bytes before it is in the log. */
  readonly position: number
  /** Where the page of the books that `position` lies in begins. */
  readonly pagePosition: number
  /** Of the lines before `position`. */
  readonly counts: ImportCounts
  /** Nothing beyond `position` is in the log. */
  readonly isExact: boolean
  readonly rejectsBytes: number
}

export const notBegun: ImportState = {
  position: 0,
  pagePosition: 0,
  counts: nothingCounted,
  isExact: true,
  rejectsBytes: 0,
}

/** What stays the same from one row to the next. */
export interface ImportFile {
  readonly hash: string
  readonly name: string
  readonly size: number
  readonly partitions: number
  /** Of what decides the partition of an event. */
  readonly rules: string
  /** Unix milliseconds. */
  readonly startedAt: number
}

export interface ImportRow extends ImportFile, ImportState {
  /** Unix milliseconds. */
  readonly updatedAt: number
  readonly finishedAt: number | undefined
}

/** The table `imports`. */
export class ImportLedger {
  readonly #store: Pick<Store, 'query' | 'insert'>

  constructor(store: Pick<Store, 'query' | 'insert'>) {
    this.#store = store
  }

  /** @throws StoreError */
  async find(hash: string): Promise<ImportRow | undefined> {
    const [row] = await this.#store.query<Columns>(
      `SELECT * EXCEPT (first_received_at, last_received_at, started_at, updated_at, finished_at),
         toUnixTimestamp(first_received_at) AS first_received, toUnixTimestamp(last_received_at) AS last_received,
         toUnixTimestamp(started_at) AS started, toUnixTimestamp(updated_at) AS updated,
         toUnixTimestamp(finished_at) AS finished
       FROM imports FINAL WHERE file_hash = {hash:String}`,
      { hash },
    )
    return row && importRow(row)
  }

  /** @throws StoreError */
  async save(row: ImportRow): Promise<void> {
    const token = `imports:${row.hash}:${versionOf(row)}:${row.position}`
    await this.#store.insert({ table: importsTable, rows: [row], token })
  }
}

/** A finished row stays, whatever a slower run of the same file writes later. */
function versionOf({ updatedAt, finishedAt }: ImportRow): number {
  return updatedAt + (finishedAt === undefined ? 0 : 2 ** 50)
}

const seconds = (ms: number | undefined): number => Math.floor((ms ?? 0) / 1000)
const entries = (counts: ReadonlyMap<string, number>): [string, string][] =>
  [...counts].map(([name, count]) => [name, String(count)])

const importsTable: Table<ImportRow> = {
  name: 'imports',
  columns: [
    { name: 'file_hash', type: 'String', read: (row) => row.hash },
    { name: 'name', type: 'String', read: (row) => row.name },
    { name: 'size', type: 'UInt64', from: 'number', read: (row) => row.size },
    { name: 'position', type: 'UInt64', from: 'number', read: (row) => row.position },
    { name: 'page_position', type: 'UInt64', from: 'number', read: (row) => row.pagePosition },
    { name: 'lines', type: 'UInt64', from: 'number', read: (row) => row.counts.lines },
    { name: 'requests', type: 'UInt64', from: 'number', read: (row) => row.counts.requests },
    { name: 'events', type: 'UInt64', from: 'number', read: (row) => row.counts.events },
    {
      name: 'dropped',
      type: 'Map(LowCardinality(String), String)',
      read: (row) => entries(row.counts.dropped),
    },
    {
      name: 'rejected',
      type: 'Map(LowCardinality(String), String)',
      read: (row) => entries(row.counts.rejected),
    },
    {
      name: 'first_received_at',
      type: "DateTime('UTC')",
      read: (row) => seconds(row.counts.firstReceivedAt),
    },
    { name: 'last_received_at', type: "DateTime('UTC')", read: (row) => seconds(row.counts.lastReceivedAt) },
    { name: 'started_at', type: "DateTime('UTC')", read: (row) => seconds(row.startedAt) },
    { name: 'updated_at', type: "DateTime('UTC')", read: (row) => seconds(row.updatedAt) },
    { name: 'finished_at', type: "DateTime('UTC')", read: (row) => seconds(row.finishedAt) },
    { name: 'partitions', type: 'UInt16', read: (row) => row.partitions },
    { name: 'rules', type: 'String', read: (row) => row.rules },
    { name: 'is_exact', type: 'UInt8', read: (row) => Number(row.isExact) },
    { name: 'rejects_bytes', type: 'UInt64', from: 'number', read: (row) => row.rejectsBytes },
    { name: 'version', type: 'UInt64', from: 'number', read: versionOf },
  ],
}

/** 64-bit integers come as text. */
type Columns = Readonly<Record<string, string | number>> & {
  readonly dropped: Readonly<Record<string, string>>
  readonly rejected: Readonly<Record<string, string>>
}

function importRow(row: Columns): ImportRow {
  const number = (name: string): number => Number(row[name])
  const time = (name: string): number | undefined => (number(name) === 0 ? undefined : number(name) * 1000)
  const counted = (counts: Readonly<Record<string, string>>): Map<string, number> =>
    new Map(Object.entries(counts).map(([name, count]) => [name, Number(count)]))
  return {
    hash: String(row.file_hash),
    name: String(row.name),
    size: number('size'),
    partitions: number('partitions'),
    rules: String(row.rules),
    startedAt: time('started') ?? 0,
    updatedAt: time('updated') ?? 0,
    finishedAt: time('finished'),
    position: number('position'),
    pagePosition: number('page_position'),
    counts: {
      lines: number('lines'),
      requests: number('requests'),
      events: number('events'),
      dropped: counted(row.dropped),
      rejected: counted(row.rejected),
      firstReceivedAt: time('first_received'),
      lastReceivedAt: time('last_received'),
    },
    isExact: number('is_exact') === 1,
    rejectsBytes: number('rejects_bytes'),
  }
}
