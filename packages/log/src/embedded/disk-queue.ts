import { closeSync, fsyncSync, mkdirSync, openSync, readSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { assert } from '@millrace/runtime'
import { LogError } from '../log-error.ts'
import { EmbeddedAppender } from './appender.ts'
import { Environment, mapBytes } from './environment.ts'
import { PartitionReader } from './partition-reader.ts'
import { removeBefore } from './retention.ts'
import { createTopic, headKey, readEnd } from './rows.ts'
import { Space } from './space.ts'

export interface DiskQueueOptions {
  /** Where the queue lives; made if missing. One process at a time may have it open. */
  readonly directory: string
  /** The most bytes that its records may take in the file, at most 256 GiB; beyond, appends fail with `LOG_FULL`. */
  readonly bytesMax: number
  /** Appends fail with `LOG_FULL` while the disk has less than this to spare. Default 64 MiB. */
  readonly diskFreeBytesMin?: number
  /** A write that takes longer fails with `LOG_UNAVAILABLE`. Default 30,000 ms. */
  readonly writeMsMax?: number
}

export interface QueueRecord {
  readonly key: Buffer | null
  readonly value: Buffer
}

const defaults = { diskFreeBytesMin: 64 * 1024 * 1024, writeMsMax: 30_000 }
const limits = { recordBytesMax: 1_000_000, chunkBytesMax: 64 * 1024 }
/** The queue is a topic with one partition. */
const place = { topic: 'queue', partition: 0 }
const neverMs = Number.MAX_SAFE_INTEGER

/**
 * Opens the queue that lives in a directory of this machine. What it acknowledges is synced to disk.
 * @throws LogError `LOG_UNAVAILABLE` (retriable) when the directory cannot be used
 */
export async function openDiskQueue(options: DiskQueueOptions): Promise<DiskQueue> {
  assert(options.bytesMax > 0 && options.bytesMax <= mapBytes / 2, 'bytesMax is 1 to 256 GiB')
  let environment: Environment | undefined
  try {
    mkdirSync(options.directory, { recursive: true })
    const directory = realpathSync(options.directory)
    const settled = { ...defaults, ...options, directory }
    refuseOther(join(directory, 'data.mdb'))
    environment = new Environment(settled)
    // The file is found again after a power loss only if the directories that lead to it are on disk too.
    syncDirectory(directory)
    syncDirectory(dirname(directory))
    await createTopic(environment, { topic: place.topic, partitions: 1, retentionMs: neverMs })
    return new DiskQueue(environment, settled)
  } catch (cause) {
    await environment?.close()
    const message = `the queue in ${options.directory} cannot be opened`
    throw new LogError(message, { code: 'LOG_UNAVAILABLE', retriable: true, cause })
  }
}

/**
 * A durable queue on disk for one writer and one reader, on the parts of the embedded log: records leave it in the order
 * in which they came, and only when they are dropped, so that what was read is there again after a crash.
 */
export class DiskQueue {
  readonly #environment: Environment
  readonly #appender: EmbeddedAppender
  readonly #reader: PartitionReader
  readonly #space: Space
  readonly #bytesMax: number
  /** Offset of the oldest record that was not dropped. */
  #next: number

  constructor(environment: Environment, options: Required<DiskQueueOptions>) {
    this.#environment = environment
    this.#bytesMax = options.bytesMax
    this.#space = new Space(environment, options)
    const bell = { ring: (): void => undefined }
    this.#appender = new EmbeddedAppender({ environment, bell, space: this.#space, now: Date.now, ...limits })
    this.#reader = new PartitionReader(environment, place.topic, place.partition)
    this.#next = this.#reader.next
  }

  /** Records in it. */
  get length(): number {
    this.#environment.snapshot()
    return readEnd(this.#environment, headKey(place.topic, place.partition)).offset - this.#next
  }

  /** Share of `bytesMax` in use, 0 to 1. */
  get fill(): number {
    return this.#space.retainedBytes() / this.#bytesMax
  }

  /**
   * Resolves once the records are durable. One call at a time.
   * A rejection leaves it open whether they were written; a repeat of the call may then write them twice.
   * @throws LogError `LOG_UNAVAILABLE` (retriable), `LOG_FULL` (retriable), `RECORD_TOO_LARGE`
   */
  async append(records: readonly QueueRecord[]): Promise<void> {
    await this.#appender.append(records.map(({ key, value }) => ({ ...place, key, value })))
  }

  /**
   * The oldest records, in order; they stay until they are dropped.
   * @param max.bytes of values; the first record always fits
   */
  peek(max: { readonly records: number; readonly bytes: number }): readonly QueueRecord[] {
    this.#reader.seek(this.#next)
    return this.#reader.read(max)
  }

  /**
   * Drops the oldest records, and frees the space of those that were appended and dropped together.
   * @throws LogError when that could not be written: they are dropped for this process, but there again after a restart
   */
  async drop(count: number): Promise<void> {
    assert(count <= this.length, 'no more is dropped than there is')
    this.#next += count
    await removeBefore(this.#environment, place, this.#next)
  }

  async close(): Promise<void> {
    await this.#environment.close()
  }
}

/** LMDB's `MDB_MAGIC`, after the header of its first page. */
const magic = { value: 0xbeefc0de, at: 24 }
/** Of the two pages that a database begins with. */
const metaBytes = 8_192

/** lmdb (3.5.6) ends the process with a segmentation fault when the file is not a database. @throws Error */
function refuseOther(file: string): void {
  const start = Buffer.alloc(metaBytes)
  const length = readStart(file, start)
  if (length > 0 && (length < metaBytes || start.readUInt32LE(magic.at) !== magic.value)) {
    throw new Error(`${file} is not a database`)
  }
}

/** @returns the bytes that there are, 0 for a file that is not there yet */
function readStart(file: string, into: Buffer): number {
  try {
    const descriptor = openSync(file, 'r')
    try {
      return readSync(descriptor, into, 0, into.length, 0)
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0
    throw error
  }
}

function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r')
  fsyncSync(descriptor)
  closeSync(descriptor)
}
