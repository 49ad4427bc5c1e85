import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FollowOptions } from '../log.ts'
import { recordsIn } from './appender.ts'
import type { Bell } from './bell.ts'
import type { PartitionReader } from './partition-reader.ts'

/** Records passed on without letting other work have its turn. */
const recordsMax = 500
const bytesMax = 1024 * 1024

/** The longest wait between two looks at the partition, beside the bell. */
const waitMsMax = 1_000

/** Passes on a partition's records, first those that are there, then new ones as they come. */
export class Follower {
  readonly #reader: PartitionReader
  readonly #bell: Bell
  readonly #options: FollowOptions
  readonly #stop = new AbortController()
  #tailing: Promise<void> = Promise.resolve()

  constructor(reader: PartitionReader, bell: Bell, options: FollowOptions) {
    this.#reader = reader
    this.#bell = bell
    this.#options = options
  }

  /** Resolves when the records that were there at the call have been passed on; then goes on by itself. */
  async start(): Promise<void> {
    const { high } = this.#reader.watermarks()
    while (this.#reader.next < high && !this.#stop.signal.aborted) await this.#passOn()
    this.#tailing = this.#tail()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#tailing
  }

  async #tail(): Promise<void> {
    const { signal } = this.#stop
    try {
      while (!signal.aborted) {
        if (await this.#passOn()) continue
        await this.#bell.wait(recordsIn(this.#reader.topic), waitMsMax, { signal })
      }
    } catch (error) {
      if (!signal.aborted) this.#options.onError(error)
    }
  }

  async #passOn(): Promise<boolean> {
    await nextTurn()
    if (this.#stop.signal.aborted) return false
    const records = this.#reader.read({ records: recordsMax, bytes: bytesMax })
    for (const record of records) this.#options.onRecord(record)
    return records.length > 0
  }
}
