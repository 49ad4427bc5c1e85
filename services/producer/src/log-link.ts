import { randomUUID } from 'node:crypto'
import { RawRecords } from '@millrace/intake'
import { Batcher, type Log, type LogAppender } from '@millrace/log'
import { firstOf } from './first-of.ts'
import type { InternalEvents } from './internal-events.ts'
import { connectLog } from './log-connection.ts'
import type { EventLog } from './producer.ts'
import { Spilling, type SpillingOptions, type SpillReport } from './spill/spilling.ts'

/** An append that failed longer ago says nothing of the log any more. */
const appendTroubleMs = 2_000

export interface LogLinkOptions {
  readonly openLog: () => Promise<Log>
  readonly internalEvents: () => InternalEvents
  /** The log can never be opened. */
  readonly onGivenUp: (error: unknown) => void
  readonly producerId?: string
  /** Where events wait while the log does not take them; undefined: they are refused then. */
  readonly spill?: Pick<SpillingOptions, 'store' | 'afterMs'>
  /** What was spilled has its place in the log now; a record may come twice, with another place. */
  readonly onDrained?: NonNullable<SpillingOptions['onDrained']>
  /** Everything that was appended is settled; awaited before the log is let go. */
  readonly onSettled?: () => Promise<void>
  readonly limits: SpillingOptions['limits'] & {
    readonly batchRecordsMax: number
    readonly batchBytesMax: number
    readonly batchIntervalMs: number
    readonly backlogEventsMax: number
    readonly backlogBytesMax: number
    readonly appendDeadlineMs: number
    readonly connectDelayMsMin: number
    readonly connectDelayMsMax: number
    readonly connectCloseMsMax: number
  }
}

/** The producer's way to the log: connects in the background, then batches what requests append. */
export class LogLink {
  readonly #options: LogLinkOptions
  readonly #stopping = new AbortController()
  readonly #connecting: Promise<void>
  readonly #spilling: Spilling | undefined
  #producerId: string
  #appendFailedAt = -Infinity
  #connected: { readonly log: Log; readonly appender: LogAppender } | undefined
  #batcher: Batcher | undefined
  #eventLog: EventLog | undefined
  #partitionCount: number | undefined

  constructor(options: LogLinkOptions) {
    this.#options = options
    this.#producerId = options.producerId ?? randomUUID()
    const { spill, internalEvents, onDrained, limits } = options
    if (spill !== undefined) {
      const waitedMs = (): number => this.#batcher?.waitedMs ?? 0
      this.#spilling = new Spilling({ ...spill, waitedMs, internalEvents, onDrained, limits })
    }
    const rawPartitions = this.#spilling?.lastRawPartitions
    if (this.#spilling !== undefined && rawPartitions !== undefined) {
      this.#serve(this.#spilling.appender, rawPartitions)
    }
    this.#connecting = this.#connect().catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) options.onGivenUp(error)
    })
  }

  /** Tells this run of the producer from every other, in the raw records. */
  get producerId(): string {
    return this.#producerId
  }

  get eventLog(): EventLog | undefined {
    return this.#eventLog
  }

  get log(): Log | undefined {
    return this.#connected?.log
  }

  /** That appends fail now; a failure is news for a moment only, since without traffic no success would clear it. */
  get appendTrouble(): string | undefined {
    const isNews = performance.now() - this.#appendFailedAt < appendTroubleMs
    return isNews ? 'appends fail' : undefined
  }

  get backlogFill(): number {
    return this.#batcher?.fill ?? 0
  }

  /** Undefined where events are not spilled, or cannot be yet since the number of partitions was never seen. */
  get spill(): SpillReport | undefined {
    return this.#eventLog === undefined ? undefined : this.#spilling?.report
  }

  /** Resolves when the log is there, or after the time given: then the producer serves without it, not ready. */
  async whenPrompt(msMax: number): Promise<void> {
    await firstOf(this.#connecting, msMax)
  }

  /** Waits until everything that was appended is settled, then lets go of the log; what was spilled may stay on the disk. */
  async close(): Promise<void> {
    this.#stopping.abort()
    await firstOf(this.#connecting, this.#options.limits.connectCloseMsMax)
    await this.#batcher?.drain()
    await this.#spilling?.stop()
    await this.#options.onSettled?.()
    await this.#connected?.appender.close()
    await this.#spilling?.close()
    await this.#connected?.log.close()
  }

  async #connect(): Promise<void> {
    const { openLog, limits, internalEvents } = this.#options
    const { log, appender, partitionCount } = await connectLog({
      openLog,
      signal: this.#stopping.signal,
      onWait: (error) => internalEvents().waitsForLog(error),
      delayMsMin: limits.connectDelayMsMin,
      delayMsMax: limits.connectDelayMsMax,
    })
    if (this.#stopping.signal.aborted) {
      await appender.close()
      await log.close()
      return
    }
    this.#connected = { log, appender }
    const measured = this.#measured(appender)
    if (this.#partitionCount !== partitionCount) {
      this.#serve(this.#spilling?.appender ?? measured, partitionCount)
    }
    this.#spilling?.attach(measured, partitionCount)
  }

  #measured(appender: LogAppender): LogAppender {
    const { internalEvents } = this.#options
    return {
      append: async (records) => {
        const startedAt = performance.now()
        const positions = await appender.append(records)
        internalEvents().appended({ records: records.length, ms: performance.now() - startedAt })
        return positions
      },
      close: () => appender.close(),
    }
  }

  /** Events are taken from now on; with another number of partitions than before, as those of another producer. */
  #serve(appender: LogAppender, partitionCount: number): void {
    const { limits, internalEvents } = this.#options
    this.#batcher ??= new Batcher({
      appender,
      batchRecordsMax: limits.batchRecordsMax,
      batchBytesMax: limits.batchBytesMax,
      backlogRecordsMax: limits.backlogEventsMax,
      backlogBytesMax: limits.backlogBytesMax,
      batchIntervalMs: limits.batchIntervalMs,
      deadlineMs: limits.appendDeadlineMs,
      onBatch: () => {
        this.#appendFailedAt = -Infinity
      },
      onRetry: (error) => {
        this.#appendFailedAt = performance.now()
        internalEvents().appendRetried(error)
      },
    })
    const batcher = this.#batcher
    if (this.#partitionCount !== undefined) this.#producerId = randomUUID()
    this.#partitionCount = partitionCount
    const records = new RawRecords({ producerId: this.#producerId, partitionCount })
    this.#eventLog = { records, append: (made) => batcher.append(made) }
  }
}
