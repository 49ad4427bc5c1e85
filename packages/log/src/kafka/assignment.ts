import { assert } from '@millrace/runtime'
import { PartitionLostError } from '../log-error.ts'
import type { Assignment, CommittedPosition, FetchLimits, LogRecord, Watermarks } from '../log.ts'
import type { PartitionBuffer } from './partition-buffer.ts'

export interface AssignmentOptions {
  readonly topic: string
  readonly committed: CommittedPosition | undefined
  readonly watermarks: Watermarks
  readonly buffer: PartitionBuffer
  /** Commits under the generation of this assignment. @throws PartitionLostError, LogError */
  readonly commit: (partition: number, position: CommittedPosition) => Promise<void>
}

const metadataBytesMax = 4_000

/** One partition under one generation of the group. */
export class KafkaAssignment implements Assignment {
  readonly topic: string
  readonly partition: number
  readonly committed: CommittedPosition | undefined
  readonly watermarks: Watermarks
  readonly #options: AssignmentOptions
  readonly #revoking = new AbortController()
  #isFenced = false

  constructor(options: AssignmentOptions) {
    this.topic = options.topic
    this.partition = options.watermarks.partition
    this.committed = options.committed
    this.watermarks = options.watermarks
    this.#options = options
  }

  get signal(): AbortSignal {
    return this.#revoking.signal
  }

  seek(offset: number): void {
    assert(Number.isSafeInteger(offset) && offset >= 0, `an offset is a whole number from 0, not ${offset}`)
    this.#options.buffer.seek(offset)
  }

  async fetch({ recordsMax, waitMsMax }: FetchLimits): Promise<readonly LogRecord[]> {
    const { buffer } = this.#options
    const deadline = performance.now() + waitMsMax
    for (;;) {
      if (this.signal.aborted) return []
      const records = buffer.take(recordsMax)
      const left = deadline - performance.now()
      if (records.length > 0 || left <= 0) return records
      await buffer.untilSomething(left, this.signal)
    }
  }

  highWatermark(): number {
    return this.#options.buffer.highWatermark
  }

  pause(): void {
    this.#options.buffer.pause()
  }

  resume(): void {
    this.#options.buffer.resume()
  }

  async commit(position: CommittedPosition): Promise<void> {
    assert(Buffer.byteLength(position.metadata) <= metadataBytesMax, 'commit metadata is above 4,000 bytes')
    if (this.#isFenced) throw new PartitionLostError(`${this.topic}-${this.partition} was revoked`)
    await this.#options.commit(this.partition, position)
  }

  /** Asks the loop to end. */
  revoke(): void {
    this.#revoking.abort()
  }

  /** From now on nothing is committed, whatever the loop does. */
  fence(): void {
    this.#isFenced = true
    this.#revoking.abort()
  }
}
