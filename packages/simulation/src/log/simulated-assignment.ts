import { delay, isRetriable } from '@millrace/runtime'
import {
  LogError,
  PartitionLostError,
  type Assignment,
  type CommittedPosition,
  type FetchLimits,
  type LogRecord,
  type Watermarks,
} from '@millrace/log'
import type { LogConnection } from './log-connection.ts'

export interface SimulatedAssignmentOptions {
  readonly groupId: string
  readonly topic: string
  /** The member and the generation that the partition was assigned under. */
  readonly owner: { readonly id: string; readonly generation: number }
  readonly watermarks: Watermarks
  readonly committed: CommittedPosition | undefined
}

/** How long a commit is tried before it fails. */
const commitMsMax = 15_000
const retryDelayMs = 100

export class SimulatedAssignment implements Assignment {
  readonly topic: string
  readonly partition: number
  readonly committed: CommittedPosition | undefined
  readonly watermarks: Watermarks
  readonly signal: AbortSignal
  readonly #log: LogConnection
  readonly #options: SimulatedAssignmentOptions
  readonly #abort = new AbortController()
  readonly #aborted: Promise<undefined>
  #isFenced = false
  #position: number
  #high: number

  constructor(log: LogConnection, options: SimulatedAssignmentOptions) {
    this.#log = log
    this.#options = options
    this.topic = options.topic
    this.partition = options.watermarks.partition
    this.committed = options.committed
    this.watermarks = options.watermarks
    this.signal = this.#abort.signal
    this.#aborted = new Promise((resolve) => {
      this.signal.addEventListener('abort', () => resolve(undefined), { once: true })
    })
    this.#position = options.committed?.offset ?? options.watermarks.low
    this.#high = options.watermarks.high
  }

  revoke(): void {
    this.#abort.abort()
  }

  fence(): void {
    this.#isFenced = true
    this.#abort.abort()
  }

  seek(offset: number): void {
    this.#position = offset
  }

  /** Trouble with the log is waited out, as Kafka's fetcher does. */
  async fetch({ recordsMax, waitMsMax }: FetchLimits): Promise<readonly LogRecord[]> {
    const { topic, partition, signal } = this
    if (signal.aborted) return []
    const from = this.#position
    const fetching = this.#log.fetch({ topic, partition, from, recordsMax, waitMsMax })
    const fetched = await Promise.race([fetching, this.#aborted]).catch(async (error: unknown) => {
      if (!isRetriable(error)) throw error
      await delay(waitMsMax, signal)
      return undefined
    })
    if (fetched === undefined || this.#isOver()) return []
    this.#high = Math.max(this.#high, fetched.high)
    const last = fetched.records.at(-1)
    if (last !== undefined) this.#position = last.offset + 1
    return fetched.records
  }

  #isOver(): boolean {
    return this.signal.aborted
  }

  highWatermark(): number {
    return this.#high
  }

  pause(): void {
    // Nothing is fetched ahead.
  }

  resume(): void {
    // Nothing is fetched ahead.
  }

  async commit(position: CommittedPosition): Promise<void> {
    const { groupId, topic, owner } = this.#options
    const deadline = performance.now() + commitMsMax
    for (;;) {
      if (this.#isFenced) throw new PartitionLostError(`${topic}-${this.partition} was taken away`)
      try {
        await this.#log.commit({ groupId, topic, owner, partition: this.partition, position })
        return
      } catch (error) {
        if (!(error instanceof LogError) || performance.now() > deadline) throw error
        await delay(retryDelayMs)
      }
    }
  }
}
