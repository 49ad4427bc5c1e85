import { delay, describeError, isRetriable } from '@millrace/runtime'
import { LogError } from './log-error.ts'
import type { AppendRecord, LogAppender, Position } from './log.ts'
import { WaitingQueue, type Waiting } from './waiting-queue.ts'

export interface BatcherOptions {
  readonly appender: LogAppender
  /** Produce batch: an append takes at most this many records and value bytes (one call's records always fit). */
  readonly batchRecordsMax: number
  readonly batchBytesMax: number
  /** Backlog: records and value bytes that wait or are under way; beyond, `append` rejects with `BACKLOG_FULL`. */
  readonly backlogRecordsMax: number
  readonly backlogBytesMax: number
  /** A call not answered within this time is rejected with `APPEND_DEADLINE_PASSED`, whatever became of its records. */
  readonly deadlineMs: number
  /**
   * The least time from the start of a batch to that of the next: what a batch costs the log, a sync of its disk above all,
   * is shared by more records then. Who comes after a pause never waits for it. Default 0.
   */
  readonly batchIntervalMs?: number
  /** Before a failed batch is repeated. Default 100. */
  readonly retryDelayMs?: number
  readonly onBatch?: (batch: { records: number; bytes: number; ms: number }) => void
  readonly onRetry?: (error: unknown) => void
}

const retryDelayMsDefault = 100

/**
 * Merges the appends of many callers into produce batches, one outstanding at a time, self-clocking: whatever came
 * while the last batch was under way makes the next. A failed batch is repeated unchanged and before anything newer,
 * so the order within a partition holds; callers past their deadline get their error and their records leave the batch.
 */
export class Batcher {
  readonly #queue = new WaitingQueue()
  /** The callers of the batch that is under way, or waits to be repeated. */
  #batch: readonly Waiting[] = []
  #backlogRecords = 0
  #backlogBytes = 0
  #running: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  /** When the last batch was begun. */
  #startedAt = -Infinity
  #lastError: unknown
  readonly #options: BatcherOptions

  constructor(options: BatcherOptions) {
    this.#options = options
  }

  /** Share of the backlog in use, 0 to 1: the larger of records and bytes. */
  get fill(): number {
    const { backlogRecordsMax, backlogBytesMax } = this.#options
    return Math.max(this.#backlogRecords / backlogRecordsMax, this.#backlogBytes / backlogBytesMax)
  }

  /** How long the oldest call that is not answered has waited. */
  get waitedMs(): number {
    const oldest = this.#batch.find(({ isAnswered }) => !isAnswered) ?? this.#queue.first
    return oldest === undefined ? 0 : performance.now() - (oldest.expiresAt - this.#options.deadlineMs)
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
      const expiresAt = performance.now() + deadlineMs
      this.#queue.push({ records, bytes, expiresAt, resolve, reject, isAnswered: false, goesAlone: false })
      this.#timer ??= this.#watchDeadline(expiresAt)
      this.#running ??= this.#run()
    })
  }

  /** Resolves when nothing waits any more and no append is under way. */
  async drain(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  async #run(): Promise<void> {
    await new Promise(setImmediate) // callers of the same turn share the first batch
    const { batchRecordsMax, batchBytesMax, batchIntervalMs = 0 } = this.#options
    while (!this.#queue.isEmpty) {
      const earlyMs = this.#startedAt + batchIntervalMs - performance.now()
      if (earlyMs > 0) await delay(Math.ceil(earlyMs))
      this.#startedAt = performance.now()
      await this.#appendBatch(this.#queue.take({ recordsMax: batchRecordsMax, bytesMax: batchBytesMax }))
    }
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#running = undefined
  }

  async #appendBatch(taken: readonly Waiting[]): Promise<void> {
    this.#batch = taken
    while (this.#batch.length > 0) {
      const batch = this.#batch
      const startedAt = performance.now()
      try {
        const positions = await this.#options.appender.append(batch.flatMap(({ records }) => records))
        this.#resolve(batch, positions, performance.now() - startedAt)
        this.#batch = []
      } catch (error) {
        if (isRetriable(error)) await this.#delayRetry(error)
        else this.#rejectBatch(batch, error)
      }
    }
    this.#lastError = undefined
  }

  /** Who is past the deadline by then leaves the batch. */
  async #delayRetry(error: unknown): Promise<void> {
    this.#lastError = error
    this.#options.onRetry?.(error)
    await delay(this.#options.retryDelayMs ?? retryDelayMsDefault)
    this.#expire()
    this.#batch = this.#batch.filter(({ isAnswered }) => !isAnswered)
  }

  /** A record that is too large fails its own caller only: nothing of the batch was written, so each goes alone. */
  #rejectBatch(batch: readonly Waiting[], error: unknown): void {
    const open = batch.filter(({ isAnswered }) => !isAnswered)
    if (error instanceof LogError && error.code === 'RECORD_TOO_LARGE' && batch.length > 1) {
      for (const waiting of open) waiting.goesAlone = true
      this.#queue.putBack(open)
    } else {
      for (const waiting of open) this.#answer(waiting).reject(error)
    }
    this.#batch = []
  }

  #resolve(batch: readonly Waiting[], positions: readonly Position[], ms: number): void {
    let from = 0
    let bytes = 0
    for (const waiting of batch) {
      const to = from + waiting.records.length
      if (!waiting.isAnswered) this.#answer(waiting).resolve(positions.slice(from, to))
      from = to
      bytes += waiting.bytes
    }
    this.#options.onBatch?.({ records: from, bytes, ms })
  }

  #watchDeadline(expiresAt: number): NodeJS.Timeout {
    const leftMs = Math.max(0, expiresAt - performance.now())
    return setTimeout(() => {
      const next = this.#expire()
      this.#timer = next === undefined ? undefined : this.#watchDeadline(next)
    }, Math.ceil(leftMs))
  }

  /** Rejects every caller past its deadline; returns when the next one is. All have the same patience: oldest first. */
  #expire(): number | undefined {
    const now = performance.now()
    for (const waiting of this.#batch) {
      if (waiting.isAnswered) continue
      if (waiting.expiresAt > now) return waiting.expiresAt
      this.#reject(waiting)
    }
    for (;;) {
      const waiting = this.#queue.first
      if (waiting === undefined || waiting.expiresAt > now) return waiting?.expiresAt
      this.#queue.removeFirst()
      this.#reject(waiting)
    }
  }

  #reject(waiting: Waiting): void {
    const cause = this.#lastError
    const why = cause === undefined ? '' : `: ${describeError(cause)}`
    this.#answer(waiting).reject(
      new LogError(`the log did not answer in time${why}`, {
        code: 'APPEND_DEADLINE_PASSED',
        retriable: true,
        cause,
      }),
    )
  }

  #answer(waiting: Waiting): Waiting {
    waiting.isAnswered = true
    this.#backlogRecords -= waiting.records.length
    this.#backlogBytes -= waiting.bytes
    return waiting
  }
}
