import { closeSync, fdatasyncSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { open, type Database, type RootDatabase } from 'lmdb'
import { LogError } from '../log-error.ts'
import { commitFailure } from './commit-failure.ts'
import { SecretFiles } from './secret-files.ts'

export type RowKey = readonly (string | number)[]

/** A row of state with its version; a write can be made to depend on the version. */
export interface Row {
  readonly value: unknown
  readonly version: number
}

/** `version: null`: the row must not exist. */
export interface Condition {
  readonly key: RowKey
  readonly version: number | null
}

/** Address space to reserve; the files take what they hold. LMDB processes that share a file should agree on it. */
export const mapBytes = 2 ** 39

/** Read slots, one for each thread that has the log open. */
const readersMax = 512

/**
 * The LMDB environment of one log. Every write is a set of changes under conditions on versions, carried out by LMDB's
 * own writing thread: no JavaScript runs while the write lock is held, so a busy or blocked event loop never holds up
 * the other threads and processes. A write resolves after its transaction is synced to disk (`overlappingSync` off).
 */
export class Environment {
  readonly file: string
  readonly secrets: SecretFiles
  readonly #root: RootDatabase<Buffer>
  readonly #chunks: Database<Buffer>
  readonly #state: Database
  readonly #writeMsMax: number
  readonly #writing = new Set<Promise<unknown>>()
  #closed = false

  constructor(options: { readonly directory: string; readonly writeMsMax: number }) {
    mkdirSync(options.directory, { recursive: true })
    this.file = join(options.directory, 'data.mdb')
    this.secrets = new SecretFiles(join(options.directory, 'secrets'))
    this.#writeMsMax = options.writeMsMax
    this.#root = open<Buffer>({
      path: options.directory,
      noSubdir: false,
      mapSize: mapBytes,
      maxReaders: readersMax,
      maxDbs: 4,
      overlappingSync: false,
      eventTurnBatching: false, // its own batch promise rejects unhandled when a commit fails (lmdb 3.5.6)
      encoding: 'binary',
      cache: false,
      compression: false,
    })
    this.#chunks = this.#root.openDB<Buffer>({ name: 'chunks', encoding: 'binary' })
    this.#state = this.#root.openDB({ name: 'state', encoding: 'json', useVersions: true })
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Makes the reads up to the next await see one snapshot, the latest; LMDB's own lasts for the event turn. */
  snapshot(): void {
    this.#assertOpen()
    this.#root.resetReadTxn()
  }

  row(key: RowKey): Row | undefined {
    return this.#state.getEntry(key as (string | number)[]) as Row | undefined
  }

  /** The rows whose keys start with the prefix, in key order. */
  rows(prefix: RowKey): { key: RowKey; row: Row }[] {
    const range = this.#state.getRange({ start: [...prefix], end: [...prefix, afterAll], versions: true })
    return [...range].map(({ key, value, version }) => ({
      key: key as RowKey,
      row: { value: value as unknown, version: version ?? 0 },
    }))
  }

  /** The chunk that starts at this offset. */
  chunk(place: RowKey, base: number): Buffer | undefined {
    return this.#chunks.get([...place, base])
  }

  /** The chunk that starts last at or before the offset. */
  chunkBefore(place: RowKey, offset: number): { base: number; bytes: Buffer } | undefined {
    const range = this.#chunks.getRange({
      start: [...place, offset],
      end: [...place],
      reverse: true,
      limit: 1,
    })
    return this.#found(range)[0]
  }

  /** The oldest chunks of a partition. */
  chunksFrom(place: RowKey, base: number, limit: number): { base: number; bytes: Buffer }[] {
    return this.#found(this.#chunks.getRange({ start: [...place, base], end: [...place, afterAll], limit }))
  }

  putChunk(place: RowKey, base: number, bytes: Buffer): void {
    void this.#chunks.put([...place, base], bytes)
  }

  removeChunk(place: RowKey, base: number): void {
    void this.#chunks.remove([...place, base])
  }

  putRow(key: RowKey, value: unknown, version: number): void {
    void this.#state.put([...key], value, version)
  }

  removeRow(key: RowKey): void {
    void this.#state.remove([...key])
  }

  /**
   * Carries out the puts and removes of `change` in one transaction if all conditions hold; resolves with whether they
   * did, once that is durable. `change` must be synchronous, and runs at once, before it is known whether they hold.
   * @throws LogError `LOG_FULL`, `LOG_UNAVAILABLE`: nothing was written (or, when it took too long, it is not known)
   */
  async write(conditions: readonly Condition[], change: () => void): Promise<boolean> {
    this.#assertOpen()
    const results: Promise<boolean>[] = []
    const nest = (index: number): void => {
      const condition = conditions[index]
      if (condition === undefined) {
        change()
        return
      }
      const inner = (): void => nest(index + 1) // a condition inside another holds only if both do
      const key = [...condition.key]
      results.push(
        condition.version === null
          ? this.#state.ifNoExists(key, inner)
          : this.#state.ifVersion(key, condition.version, inner),
      )
    }
    if (conditions.length > 0) nest(0)
    else results.push(this.#state.batch(change))
    const writing = this.#inTime(this.#outcome(results))
    this.#writing.add(writing)
    try {
      return await writing
    } finally {
      this.#writing.delete(writing)
    }
  }

  /**
   * Overwrites bytes that no row or chunk of now holds, in a page that is free or was never cleared, if they still lie
   * there; under the write lock, so that LMDB does not use the page for something else meanwhile.
   * @returns whether they lay there
   */
  overwrite(bytes: Buffer, at: number): boolean {
    const descriptor = openSync(this.file, 'r+')
    try {
      return this.#root.transactionSync(() => {
        const now = Buffer.alloc(bytes.length)
        readSync(descriptor, now, 0, now.length, at)
        if (!now.equals(bytes)) return false
        writeSync(descriptor, Buffer.alloc(bytes.length), 0, bytes.length, at)
        fdatasyncSync(descriptor)
        return true
      })
    } finally {
      closeSync(descriptor)
    }
  }

  /** Frees the read slots of processes that died. */
  checkReaders(): void {
    this.#root.readerCheck()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await Promise.allSettled(this.#writing)
    await this.#root.close()
  }

  async #outcome(results: readonly Promise<boolean>[]): Promise<boolean> {
    try {
      return (await Promise.all(results)).every(Boolean)
    } catch (error) {
      throw await commitFailure(error, this.file)
    }
  }

  async #inTime(outcome: Promise<boolean>): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const message = `a write did not end within ${this.#writeMsMax} ms`
        reject(new LogError(message, { code: 'LOG_UNAVAILABLE', retriable: true }))
      }, this.#writeMsMax)
    })
    try {
      return await Promise.race([outcome, late])
    } finally {
      clearTimeout(timer)
    }
  }

  #found(range: Iterable<{ key: unknown; value: Buffer }>): { base: number; bytes: Buffer }[] {
    return [...range].map(({ key, value }) => ({ base: (key as RowKey).at(-1) as number, bytes: value }))
  }

  #assertOpen(): void {
    if (this.#closed) throw new LogError('the log is closed', { code: 'LOG_UNAVAILABLE', retriable: false })
  }
}

/** Sorts after every number and name in a key. */
const afterAll = '\uffff'
