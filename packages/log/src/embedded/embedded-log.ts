import { randomUUID } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, realpathSync } from 'node:fs'
import { assert } from '@millrace/runtime'
import { LogError } from '../log-error.ts'
import type {
  CommittedPosition,
  ConsumerOptions,
  FollowOptions,
  Log,
  LogAppender,
  LogConsumer,
  LogRecord,
  RecordPlace,
  TopicSpec,
  Watermarks,
} from '../log.ts'
import { EmbeddedAppender } from './appender.ts'
import { Bell } from './bell.ts'
import { EmbeddedConsumer } from './consumer.ts'
import { Environment, mapBytes } from './environment.ts'
import { Follower } from './follower.ts'
import { makeSecret } from './make-secret.ts'
import { PartitionReader, readRecord, readWatermarks } from './partition-reader.ts'
import { removeExpired } from './retention.ts'
import { createTopic, readCommitted, readTopic } from './rows.ts'
import { Space } from './space.ts'

export interface EmbeddedLogOptions {
  /** Where the log lives; made if missing. Threads and processes that give the same directory share the log. */
  readonly directory: string
  /** The most bytes that retained records may take in the file, at most 256 GiB; beyond, appends fail with `LOG_FULL`. */
  readonly bytesMax: number
  /** Appends fail with `LOG_FULL` while the disk has less than this to spare. Default 64 MiB. */
  readonly diskFreeBytesMin?: number
  /** The largest value of a record. Default 1,000,000 bytes. */
  readonly recordBytesMax?: number
  /** Records that are appended together are stored in chunks of up to this size. Default 64 KiB. */
  readonly chunkBytesMax?: number
  /** How often a waiting fetch looks for what other processes appended. Default 50 ms. */
  readonly pollMs?: number
  /** Time between two looks for records that are past their retention. Default 10,000 ms. */
  readonly retentionSweepMs?: number
  /** A write that takes longer fails with `LOG_UNAVAILABLE`. Default 30,000 ms. */
  readonly writeMsMax?: number
  /** Unix milliseconds; a parameter for tests. */
  readonly now?: () => number
  /** Told of a look for expired records that failed; it is made again at its next time. */
  readonly onSweepError?: (error: unknown) => void
}

const defaults = {
  diskFreeBytesMin: 64 * 1024 * 1024,
  recordBytesMax: 1_000_000,
  chunkBytesMax: 64 * 1024,
  pollMs: 50,
  retentionSweepMs: 10_000,
  writeMsMax: 30_000,
  now: Date.now,
  onSweepError: (): void => undefined,
}

const sessionTimeoutMsDefault = 30_000
const revokeMsMaxDefault = 10_000
const fetchBytesMaxDefault = 8 * 1024 * 1024

/**
 * Opens the log that lives in a directory of this machine, on LMDB. What it acknowledges is synced to disk.
 * @throws LogError `LOG_UNAVAILABLE` when the directory cannot be used
 */
export function openEmbeddedLog(options: EmbeddedLogOptions): Promise<Log> {
  assert(options.bytesMax > 0 && options.bytesMax <= mapBytes / 2, 'bytesMax is 1 to 256 GiB')
  return Promise.resolve().then(() => {
    try {
      mkdirSync(options.directory, { recursive: true })
      const directory = realpathSync(options.directory)
      const log = new EmbeddedLog({ ...defaults, ...options, directory })
      syncDirectory(directory)
      return log
    } catch (cause) {
      const message = `the log in ${options.directory} cannot be opened`
      throw new LogError(message, { code: 'LOG_UNAVAILABLE', retriable: true, cause })
    }
  })
}

/** The file that LMDB made is found again after a power loss only if its directory is on disk too. */
function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r')
  fsyncSync(descriptor)
  closeSync(descriptor)
}

class EmbeddedLog implements Log {
  readonly #options: Required<EmbeddedLogOptions>
  readonly #environment: Environment
  readonly #bell: Bell
  readonly #space: Space
  readonly #consumers = new Set<EmbeddedConsumer>()
  readonly #followers = new Set<Follower>()
  readonly #sweep: NodeJS.Timeout
  #sweeping: Promise<void> | undefined

  constructor(options: Required<EmbeddedLogOptions>) {
    this.#options = options
    this.#environment = new Environment(options)
    this.#bell = new Bell({ file: this.#environment.file, pollMs: options.pollMs })
    this.#space = new Space(this.#environment, options)
    this.#sweep = setInterval(() => this.#startSweep(), options.retentionSweepMs)
    this.#sweep.unref()
  }

  async createTopics(topics: readonly TopicSpec[]): Promise<void> {
    for (const spec of topics) {
      await createTopic(this.#environment, spec)
      this.#environment.snapshot()
      const { partitions, isSecret, hasOpenCopies } = readTopic(this.#environment, spec.topic)
      if (partitions !== spec.partitions) {
        const message = `${spec.topic} has ${partitions} partitions, not ${spec.partitions}`
        throw new LogError(message, { code: 'PARTITION_COUNT_DIFFERS', retriable: false })
      }
      if (spec.isSecret === true && (isSecret !== true || hasOpenCopies === true)) {
        await makeSecret(this.#environment, spec.topic)
      }
    }
  }

  async partitionCount(topic: string): Promise<number> {
    await Promise.resolve()
    this.#environment.snapshot()
    return readTopic(this.#environment, topic).partitions
  }

  async watermarks(topic: string): Promise<readonly Watermarks[]> {
    const count = await this.partitionCount(topic)
    return Array.from({ length: count }, (_, partition) =>
      readWatermarks(this.#environment, topic, partition),
    )
  }

  async committed(groupId: string, topic: string): Promise<ReadonlyMap<number, CommittedPosition>> {
    const count = await this.partitionCount(topic)
    this.#environment.snapshot()
    const positions = new Map<number, CommittedPosition>()
    for (let partition = 0; partition < count; partition++) {
      const position = readCommitted(this.#environment, { groupId, topic, partition })
      if (position !== undefined) positions.set(partition, position)
    }
    return positions
  }

  appender(): Promise<LogAppender> {
    const { now, recordBytesMax, chunkBytesMax } = this.#options
    const parts = { environment: this.#environment, bell: this.#bell, space: this.#space }
    return Promise.resolve(new EmbeddedAppender({ ...parts, now, recordBytesMax, chunkBytesMax }))
  }

  consumer(options: ConsumerOptions): LogConsumer {
    const consumer = new EmbeddedConsumer({
      environment: this.#environment,
      bell: this.#bell,
      now: this.#options.now,
      member: randomUUID(),
      groupId: options.groupId,
      topic: options.topic,
      sessionTimeoutMs: options.sessionTimeoutMs ?? sessionTimeoutMsDefault,
      revokeMsMax: options.revokeMsMax ?? revokeMsMaxDefault,
      fetchBytesMax: options.prefetchBytesMax ?? fetchBytesMaxDefault,
    })
    this.#consumers.add(consumer)
    return consumer
  }

  async follow(options: FollowOptions): Promise<{ stop(): Promise<void> }> {
    await this.partitionCount(options.topic)
    const reader = new PartitionReader(this.#environment, options.topic, options.partition)
    const follower = new Follower(reader, this.#bell, options)
    this.#followers.add(follower)
    await follower.start()
    return {
      stop: async () => {
        this.#followers.delete(follower)
        await follower.stop()
      },
    }
  }

  async read(place: RecordPlace): Promise<LogRecord | undefined> {
    await this.partitionCount(place.topic)
    return readRecord(this.#environment, place)
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep)
    const parts = [...this.#followers].map((follower) => follower.stop())
    await Promise.all([...parts, ...[...this.#consumers].map((consumer) => consumer.close())])
    const closing = this.#environment.close()
    this.#bell.close()
    await this.#sweeping
    await closing
  }

  #startSweep(): void {
    this.#sweeping ??= removeExpired(this.#environment, this.#options.now())
      .then(() => this.#environment.checkReaders())
      .catch((error: unknown) => {
        if (!this.#environment.closed) this.#options.onSweepError(error)
      })
      .finally(() => {
        this.#sweeping = undefined
      })
  }
}
