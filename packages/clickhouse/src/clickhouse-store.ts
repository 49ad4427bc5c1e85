import { addAbortSignal, Readable } from 'node:stream'
import { createClient, ClickHouseLogLevel } from '@clickhouse/client'
import { ByteWriter } from './byte-writer.ts'
import { checkRowCount } from './check-rows.ts'
import {
  insertBytesMax,
  insertSettingsFor,
  newerInsertSettingNames,
  querySettings,
} from './insert-settings.ts'
import { NativeBlock } from './native-block.ts'
import { passBlocks, type ResultBlock } from './result-blocks.ts'
import { asStoreError } from './server-error.ts'
import { StoreError } from './store-error.ts'
import type { InsertBatch, RowBlock, Store, StoreOptions } from './store.ts'
import type { Table } from './table.ts'

const openConnectionsMax = 32
/** Below the keep-alive time of servers, so that a request seldom meets a socket that is just being closed. */
const idleSocketMsMax = 2_500
/** Rows of a result block: decoding one blocks the event loop for some milliseconds. */
const resultBlockRows = 4_096
const bodyChunkBytes = 256 * 1024
/** Insert buffers that are kept for the next insert. */
const idleBuffersMax = 8
/** A buffer that grew beyond it is not kept. */
const idleBufferBytesMax = 64 * 1024 * 1024

/** A store at a ClickHouse server. Connects on first use; `insert` may run several times at once. */
export function createStore(options: StoreOptions): Store {
  return new ClickHouseStore(options)
}

class ClickHouseStore implements Store {
  readonly #client
  readonly #requestMsMax: number
  readonly #idleWriters: ByteWriter[] = []
  #knownSettings: ReadonlySet<string> | undefined

  constructor(options: StoreOptions) {
    this.#requestMsMax = options.requestMsMax
    this.#client = createClient({
      url: options.url,
      database: options.database,
      username: options.user,
      password: options.password,
      application: 'millrace',
      request_timeout: options.requestMsMax,
      max_open_connections: openConnectionsMax,
      keep_alive: { enabled: true, idle_socket_ttl: idleSocketMsMax },
      log: { level: ClickHouseLogLevel.OFF },
    })
  }

  query<Row>(sql: string, params: Readonly<Record<string, unknown>> = {}): Promise<Row[]> {
    return this.#bounded('query', async (signal) => {
      const result = await this.#client.query({
        query: sql,
        query_params: params,
        format: 'JSONEachRow',
        clickhouse_settings: querySettings,
        abort_signal: signal,
      })
      return await result.json<Row>()
    })
  }

  readBlocks(sql: string, onBlock: (block: ResultBlock) => void): Promise<void> {
    return this.#bounded('query', async (signal) => {
      const { stream } = await this.#client.exec({
        query: `${sql} FORMAT Native`,
        clickhouse_settings: { ...querySettings, max_block_size: String(resultBlockRows) },
        abort_signal: signal,
      })
      try {
        await passBlocks(addAbortSignal(signal, stream) as AsyncIterable<Uint8Array>, onBlock)
      } finally {
        stream.destroy()
      }
    })
  }

  command(sql: string): Promise<void> {
    return this.#bounded('command', async (signal) => {
      await this.#client.command({
        query: sql,
        clickhouse_settings: { http_wait_end_of_query: 1 },
        abort_signal: signal,
      })
    })
  }

  async insert<Row>(batch: InsertBatch<Row>): Promise<void> {
    const { table, rows, token } = batch
    checkRowCount(rows)
    const block = new NativeBlock(table)
    block.append(rows)
    await this.insertBlock(block, token)
  }

  block<Row>(table: Table<Row>): RowBlock<Row> {
    return new NativeBlock(table)
  }

  async insertBlock<Row>(block: RowBlock<Row>, token: string): Promise<void> {
    if (block.length === 0) return
    checkRowCount(block)
    if (!(block instanceof NativeBlock)) throw new TypeError('bug: a block of another store')
    const { table } = block
    const writer = this.#idleWriters.pop() ?? new ByteWriter(insertBytesMax)
    writer.clear()
    block.writeTo(writer)
    const settings = insertSettingsFor(await this.#newerSettings(), token)
    const names = table.columns.map((column) => column.name).join(', ')
    await this.#bounded(`insert into ${table.name}`, async (signal) => {
      const { stream } = await this.#client.exec({
        query: `INSERT INTO ${table.name} (${names}) FORMAT Native`,
        values: Readable.from(chunksOf(writer.written()), { objectMode: false }),
        clickhouse_settings: settings,
        abort_signal: signal,
      })
      await endOf(stream)
    })
    // Not after a failure: a socket may still be reading from the buffer.
    if (this.#idleWriters.length < idleBuffersMax && writer.capacity <= idleBufferBytesMax) {
      this.#idleWriters.push(writer)
    }
  }

  async ping(): Promise<void> {
    await this.#bounded('ping', async (signal) => {
      const answer = await this.#client.ping({ select: true, abort_signal: signal })
      if (!answer.success) throw answer.error
    })
  }

  async close(): Promise<void> {
    await this.#client.close()
  }

  /** A server refuses a setting that its version does not know, so it is asked once. */
  async #newerSettings(): Promise<ReadonlySet<string>> {
    this.#knownSettings ??= new Set(
      (
        await this.query<{ name: string }>(
          'SELECT name FROM system.settings WHERE name IN {names:Array(String)}',
          {
            names: newerInsertSettingNames,
          },
        )
      ).map((row) => row.name),
    )
    return this.#knownSettings
  }

  async #bounded<T>(doing: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const signal = AbortSignal.timeout(this.#requestMsMax)
    try {
      return await work(signal)
    } catch (error) {
      if (signal.aborted) {
        throw new StoreError(`${doing}: no answer from ClickHouse within ${this.#requestMsMax} ms`, {
          code: 'STORE_UNAVAILABLE',
          cause: error,
        })
      }
      throw asStoreError(error, doing)
    }
  }
}

function* chunksOf(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += bodyChunkBytes) {
    yield bytes.subarray(start, start + bodyChunkBytes)
  }
}

async function endOf(stream: Readable): Promise<void> {
  stream.resume()
  await new Promise<void>((resolve, reject) => {
    stream.once('end', resolve)
    stream.once('error', reject)
    stream.once('close', resolve)
  })
}
