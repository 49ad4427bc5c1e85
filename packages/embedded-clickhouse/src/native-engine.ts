/** The chdb addon with types: one engine per process, any number of connections to it. */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { engineErrorFrom } from './engine-error.ts'

/**
 * chdb's `Session` would do, but its `close()` waits for whatever runs anywhere in the process, so connections that
 * live for one statement pile up behind one long query. The addon below it closes them at once.
 */
interface Addon {
  CreateConnection(path: string, args: readonly string[]): object
  CloseConnection(connection: object): void
  QueryAsyncConnection(
    connection: object,
    sql: string,
    format: string,
  ): Promise<QueryFigures & { bytes: Uint8Array }>
  InsertRawAsyncConnection(
    connection: object,
    sql: string,
    data: Buffer,
    countLines: boolean,
  ): Promise<InsertFigures>
}

interface QueryFigures {
  /** Seconds. */
  readonly elapsed: number
  /** Of the result; the engine does not say what it read from tables. */
  readonly rowsRead: number
  readonly bytesRead: number
}

interface InsertFigures {
  /** Seconds. */
  readonly elapsed: number
  /** Rows of the table and of the targets of its views. */
  readonly rowsWritten: number
  readonly bytesWritten: number
}

export interface QueryAnswer extends QueryFigures {
  readonly bytes: Uint8Array
}

/** One connection: its settings stay with it, so it lives for one statement, or for one HTTP session. */
export interface EngineConnection {
  /** Runs statements separated by `;` and returns what the last one printed. @throws EngineError */
  query(sql: string, format: string): Promise<QueryAnswer>
  /** Runs `...; INSERT ... FROM INFILE ...`. @throws EngineError */
  insert(sql: string): Promise<InsertFigures>
  /** Only when nothing runs on it. */
  close(): void
}

export interface Engine {
  connect(): EngineConnection
  /** Only when all other connections are closed. */
  close(): void
}

/**
 * Loads the engine (about 0.3 s) and opens its directory.
 * @throws EngineError when the platform has no engine or the directory cannot be opened
 */
export function openEngine(directory: string, configFile: string): Engine {
  const addon = loadAddon()
  const connect = () => {
    try {
      return addon.CreateConnection(directory, [`--config-file=${configFile}`])
    } catch (error) {
      throw engineErrorFrom(error)
    }
  }
  const keeper = connect()
  return {
    connect: () => connectionOf(addon, connect()),
    close: () => addon.CloseConnection(keeper),
  }
}

function loadAddon(): Addon {
  const require = createRequire(import.meta.url)
  const loader = join(dirname(require.resolve('chdb/package.json')), 'dist', 'loader.js')
  return (require(loader) as { loadNative(): Addon }).loadNative()
}

/** The data of an insert is in its file; the addon's insert call wants some bytes after the statement. */
const noData = Buffer.from('\n')

function connectionOf(addon: Addon, handle: object): EngineConnection {
  return {
    query: async (sql, format) => {
      try {
        return await addon.QueryAsyncConnection(handle, sql, format)
      } catch (error) {
        throw engineErrorFrom(error)
      }
    },
    insert: async (sql) => {
      try {
        return await addon.InsertRawAsyncConnection(handle, sql, noData, false)
      } catch (error) {
        throw engineErrorFrom(error)
      }
    },
    close: () => addon.CloseConnection(handle),
  }
}
