import { describeError, isRetriable } from '@millrace/runtime'
import { delay } from '@millrace/runtime'
import { LogError } from './log-error.ts'
import type { AppendRecord, LogAppender, Position } from './log.ts'

export interface BatcherOptions {
  readonly appender: LogAppender
  /** Produce batch: an append takes at most this many records and value bytes (one record always fits). */
  readonly batchRecordsMax: number
  readonly batchBytesMax: number
  /** Backlog: records and value bytes that wait or are under way; beyond, `append` rejects with `BACKLOG_FULL`. */
  readonly backlogRecordsMax: number
  readonly backlogBytesMax: number
  /** A call not answered within this time is rejected with `APPEND_DEADLINE_PASSED`, whatever became of its records. */
  readonly deadlineMs: number
  readonly retryDelayMs?: number
  readonly onBatch?: (batch: { records: number; bytes: number; ms: number }) => void
  readonly onRetry?: (error: unknown) => void
}

interface Waiting {
  readonly records: readonly AppendRecord[]
  readonly bytes: number
  readonly expiresAt: number
  readonly resolve: (positions: readonly Position[]) => void
  readonly reject: (error: unknown) => void
}

/**
 * Merges the appends of many callers into produce batches, one outstanding at a time, self-clocking: whatever came
 * while the last batch was under way makes the next. A failed batch is repeated unchanged and before anything newer,
 * so the order within a partition holds; callers past their deadline get their error and their records leave the batch.
 */
export class Batcher {
  #queue: Waiting[] = []
  #backlogRecords = 0
  #backlogBytes = 0
  #running: Promise<void> | undefined
  readonly #options: BatcherOptions

  constructor(options: BatcherOptions) {
    this.#options = options
  }

  /** Share of the backlog in use, 0 to 1: the larger of records and bytes. */
  get fill(): number {
    const { backlogRecordsMax, backlogBytesMax } = this.#options
    return Math.max(this.#backlogRecords / backlogRecordsMax, this.#backlogBytes / backlogBytesMax)
  }

  /**
   * Resolves with the records' places once they are durable.
   * @throws LogError `BACKLOG_FULL` at once; `APPEND_DEADLINE_PASSED` later; or the appender's error that no retry mends
   */
  append(records: readonly AppendRecord[]): Promise<readonly Position[]> {
    const bytes = records.reduce((sum, { value }) => sum + value.length, 0)
    const { backlogRecordsMax, backlogBytesMax, deadlineMs } = this.#options
    if (
      this.#backlogRecords + records.length > backlogRecordsMax ||
      this.#backlogBytes + bytes > backlogBytesMax
    ) {
      return Promise.reject(new LogError('the backlog is full', { code: 'BACKLOG_FULL', retriable: true }))
    }
    this.#backlogRecords += records.length
    this.#backlogBytes += bytes
    return new Promise((resolve, reject) => {
      this.#queue.push({ records, bytes, expiresAt: Date.now() + deadlineMs, resolve, reject })
      this.#running ??= this.#run()
    })
  }

  /** Resolves when nothing waits any more. */
  async drain(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  async #run(): Promise<void> {
    await new Promise(setImmediate) // callers of the same turn share the first batch
    while (this.#queue.length > 0) await this.#appendBatch(this.#takeBatch())
    this.#running = undefined
  }

  #takeBatch(): Waiting[] {
    const { batchRecordsMax, batchBytesMax } = this.#options
    let records = 0
    let bytes = 0
    let count = 0
    for (const waiting of this.#queue) {
      records += waiting.records.length
      bytes += waiting.bytes
      if (count > 0 && (records > batchRecordsMax || bytes > batchBytesMax)) break
      count++
    }
    return this.#queue.splice(0, count)
  }

  async #appendBatch(taken: readonly Waiting[]): Promise<void> {
    let batch = taken
    for (;;) {
      batch = this.#expire(batch)
      if (batch.length === 0) return
      const startedAt = performance.now()
      try {
        const positions = await this.#options.appender.append(batch.flatMap(({ records }) => records))
        this.#settle(batch, positions, performance.now() - startedAt)
        return
      } catch (error) {
        if (!isRetriable(error)) {
          for (const waiting of batch) this.#release(waiting).reject(error)
          return
        }
        this.#options.onRetry?.(error)
        this.#expireQueue(error)
        await delay(this.#options.retryDelayMs ?? 100)
        batch = this.#expire(batch, error)
      }
    }
  }

  #settle(batch: readonly Waiting[], positions: readonly Position[], ms: number): void {
    let from = 0
    let bytes = 0
    for (const waiting of batch) {
      const to = from + waiting.records.length
      this.#release(waiting).resolve(positions.slice(from, to))
      from = to
      bytes += waiting.bytes
    }
    this.#options.onBatch?.({ records: from, bytes, ms })
  }

  #expire(batch: readonly Waiting[], cause?: unknown): readonly Waiting[] {
    const now = Date.now()
    return batch.filter((waiting) => {
      if (waiting.expiresAt > now) return true
      const why = cause === undefined ? '' : `: ${describeError(cause)}`
      this.#release(waiting).reject(
        new LogError(`the log did not answer in time${why}`, {
          code: 'APPEND_DEADLINE_PASSED',
          retriable: true,
          cause,
        }),
      )
      return false
    })
  }

  #expireQueue(cause: unknown): void {
    this.#queue = [...this.#expire(this.#queue, cause)]
  }

  #release(waiting: Waiting): Waiting {
    this.#backlogRecords -= waiting.records.length
    this.#backlogBytes -= waiting.bytes
    return waiting
  }
}
