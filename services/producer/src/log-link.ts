import { randomUUID } from 'node:crypto'
import { RawRecords } from '@millrace/intake'
import { Batcher, type Log } from '@millrace/log'
import { delay } from '@millrace/runtime'
import type { InternalEvents } from './internal-events.ts'
import { connectLog, type ConnectedLog } from './log-connection.ts'
import type { EventLog } from './producer.ts'

/** An append that failed longer ago says nothing of the log any more. */
const appendTroubleMs = 2_000

export interface LogLinkOptions {
  readonly openLog: () => Promise<Log>
  readonly internalEvents: () => InternalEvents
  /** The log can never be opened. */
  readonly onGivenUp: (error: unknown) => void
  readonly producerId?: string
  readonly limits: {
    readonly batchRecordsMax: number
    readonly batchBytesMax: number
    readonly backlogEventsMax: number
    readonly backlogBytesMax: number
    readonly appendDeadlineMs: number
    readonly connectDelayMsMin: number
    readonly connectDelayMsMax: number
  }
}

/** The producer's way to the log: connects in the background, then batches what requests append. */
export class LogLink {
  /** Tells this run of the producer from every other, in the raw records. */
  readonly producerId: string
  readonly #options: LogLinkOptions
  readonly #stopping = new AbortController()
  readonly #connecting: Promise<void>
  #appendFailedAt = -Infinity
  #connected: (ConnectedLog & { readonly batcher: Batcher; readonly eventLog: EventLog }) | undefined

  constructor(options: LogLinkOptions) {
    this.#options = options
    this.producerId = options.producerId ?? randomUUID()
    this.#connecting = this.#connect().catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) options.onGivenUp(error)
    })
  }

  get eventLog(): EventLog | undefined {
    return this.#connected?.eventLog
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
    return this.#connected?.batcher.fill ?? 0
  }

  /** Resolves when the log is there, or after the time given: then the producer serves without it, not ready. */
  async whenPrompt(msMax: number): Promise<void> {
    const giveUp = new AbortController()
    await Promise.race([this.#connecting, delay(msMax, giveUp.signal)])
    giveUp.abort()
  }

  /** Waits until everything that was appended is settled, then lets go of the log. */
  async close(): Promise<void> {
    this.#stopping.abort()
    await this.#connecting
    if (this.#connected === undefined) return
    const { batcher, appender, log } = this.#connected
    await batcher.drain()
    await appender.close()
    await log.close()
  }

  async #connect(): Promise<void> {
    const { openLog, limits, internalEvents } = this.#options
    const connected = await connectLog({
      openLog,
      signal: this.#stopping.signal,
      onWait: (error) => internalEvents().waitsForLog(error),
      delayMsMin: limits.connectDelayMsMin,
      delayMsMax: limits.connectDelayMsMax,
    })
    const batcher = new Batcher({
      appender: connected.appender,
      batchRecordsMax: limits.batchRecordsMax,
      batchBytesMax: limits.batchBytesMax,
      backlogRecordsMax: limits.backlogEventsMax,
      backlogBytesMax: limits.backlogBytesMax,
      deadlineMs: limits.appendDeadlineMs,
      onBatch: (batch) => {
        this.#appendFailedAt = -Infinity
        internalEvents().appended(batch)
      },
      onRetry: (error) => {
        this.#appendFailedAt = performance.now()
        internalEvents().appendRetried(error)
      },
    })
    const { partitionCount } = connected
    const records = new RawRecords({ producerId: this.producerId, partitionCount })
    this.#connected = {
      ...connected,
      batcher,
      eventLog: { records, append: (made) => batcher.append(made) },
    }
  }
}
