/** What the engine process is started with; travels from the parent over IPC, passwords included. */
export interface EngineOptions {
  /** Absolute. The process runs with it as its working directory. */
  readonly directory: string
  readonly host: string
  readonly port: number
  readonly users: Readonly<Record<string, EngineUser>>
  readonly limits: EngineLimits
}

export interface EngineUser {
  /** Empty: no password is asked for. */
  readonly password: string
  /** True: reads tables only; no writes, no settings beyond those of output and limits, no files, no network. */
  readonly readonly: boolean
}

export interface EngineLimits {
  /** Statements that run at once; each holds one connection and one thread while it runs. */
  readonly connections: number
  /** How many of them read-only users may hold together, so that reports never keep inserts out. */
  readonly readonlyConnectionsMax: number
  /** Statements that wait for a connection; one more is refused with code 202. */
  readonly queuedQueriesMax: number
  /** A statement that waits longer is refused with code 202. */
  readonly queueWaitMsMax: number
  readonly openSocketsMax: number
  /** Request line and headers. */
  readonly requestHeadBytesMax: number
  /** SQL text without the data of an insert. */
  readonly sqlBytesMax: number
  /** Data of one insert, after decompression; it lies in a file until the insert is done. */
  readonly bodyBytesMax: number
  /** Rows are held back up to this size, so that an error still gets its HTTP status and the summary is whole. */
  readonly resultBufferBytes: number
  /** A result asked for with `wait_end_of_query=1` beyond the buffer lies in a file of at most this size. */
  readonly resultFileBytesMax: number
  /** A client that neither sends nor takes a byte for so long is cut off. */
  readonly stallMsMax: number
  /** Memory of the engine, all queries and caches together. */
  readonly memoryBytesMax: number
  readonly queryMemoryBytesMax: number
  /** Threads that merge parts and mutate. */
  readonly backgroundThreads: number
  /** How long statements in hand may go on once the process is told to end. */
  readonly drainMsMax: number
  /** How long a start waits for the process that holds the directory. */
  readonly lockWaitMsMax: number
  readonly sessionsMax: number
  /** A session (`session_id`) unused for so long is forgotten. */
  readonly sessionIdleMsMax: number
}

/** Parent to child: first `start`, at the end `close`. */
export type ParentMessage =
  { readonly kind: 'start'; readonly options: EngineOptions } | { readonly kind: 'close' }

/** Child to parent: one of these, once. */
export type ChildMessage =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'failed'; readonly message: string }

const mebibyte = 1024 ** 2

/** @param machineMemoryBytes the machine's RAM; the engine takes half of it, at least 1 GiB, at most 16 GiB */
export function defaultLimits(machineMemoryBytes: number): EngineLimits {
  const memoryBytesMax = Math.min(Math.max(machineMemoryBytes / 2, 1024 * mebibyte), 16 * 1024 * mebibyte)
  return {
    connections: 8,
    readonlyConnectionsMax: 6,
    queuedQueriesMax: 100,
    queueWaitMsMax: 30_000,
    openSocketsMax: 256,
    requestHeadBytesMax: mebibyte,
    sqlBytesMax: mebibyte,
    bodyBytesMax: 1024 * mebibyte,
    resultBufferBytes: mebibyte,
    resultFileBytesMax: 1024 * mebibyte,
    stallMsMax: 60_000,
    memoryBytesMax: Math.floor(memoryBytesMax),
    queryMemoryBytesMax: Math.floor(memoryBytesMax * 0.6),
    backgroundThreads: 2,
    drainMsMax: 10_000,
    lockWaitMsMax: 15_000,
    sessionsMax: 16,
    sessionIdleMsMax: 60_000,
  }
}
