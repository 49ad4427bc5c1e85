import { setImmediate as nextTurn } from 'node:timers/promises'
import { PartitionLostError } from '../log-error.ts'
import type { Assignment, CommittedPosition, FetchLimits, LogRecord, Watermarks } from '../log.ts'
import { recordsIn } from './appender.ts'
import type { Bell } from './bell.ts'
import type { GroupRows } from './group-rows.ts'
import type { PartitionReader } from './partition-reader.ts'

const metadataBytesMax = 4_000

/** One partition in the hands of one member, from its claim to its release; all it commits depends on its epoch. */
export class EmbeddedAssignment implements Assignment {
  readonly topic: string
  readonly partition: number
  readonly committed: CommittedPosition | undefined
  readonly watermarks: Watermarks
  readonly signal: AbortSignal
  readonly epoch: number
  readonly #reader: PartitionReader
  readonly #rows: GroupRows
  readonly #bell: Bell
  readonly #fetchBytesMax: number

  constructor(options: {
    readonly reader: PartitionReader
    readonly rows: GroupRows
    readonly bell: Bell
    readonly epoch: number
    readonly signal: AbortSignal
    readonly fetchBytesMax: number
  }) {
    this.#reader = options.reader
    this.#rows = options.rows
    this.#bell = options.bell
    this.#fetchBytesMax = options.fetchBytesMax
    this.epoch = options.epoch
    this.signal = options.signal
    this.topic = options.reader.topic
    this.partition = options.reader.partition
    this.watermarks = options.reader.watermarks()
    this.committed = options.rows.committed(this.partition)
    if (this.committed !== undefined) options.reader.seek(this.committed.offset)
  }

  seek(offset: number): void {
    this.#reader.seek(offset)
  }

  async fetch({ recordsMax, waitMsMax }: FetchLimits): Promise<readonly LogRecord[]> {
    const deadline = performance.now() + waitMsMax
    await nextTurn() // a loop that only fetches must not keep the lease from being renewed
    for (;;) {
      if (this.signal.aborted) return []
      const records = this.#reader.read({ records: recordsMax, bytes: this.#fetchBytesMax })
      const leftMs = deadline - performance.now()
      if (records.length > 0 || leftMs <= 0) return records
      await this.#bell.wait(recordsIn(this.topic), leftMs, { signal: this.signal })
    }
  }

  highWatermark(): number {
    return this.#reader.high
  }

  /** Nothing is fetched ahead here: reads go straight to memory-mapped pages. */
  pause(): void {
    return
  }

  resume(): void {
    return
  }

  async commit(position: CommittedPosition): Promise<void> {
    if (Buffer.byteLength(position.metadata) > metadataBytesMax) {
      throw new RangeError(`metadata above ${metadataBytesMax} bytes`)
    }
    if (await this.#rows.commit(this.partition, this.epoch, position)) return
    throw new PartitionLostError(`partition ${this.partition} of ${this.topic} belongs to another member now`)
  }
}
