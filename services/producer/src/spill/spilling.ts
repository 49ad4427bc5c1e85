import type { AppendRecord, LogAppender, Position } from '@millrace/log'
import { delay } from '@millrace/runtime'
import type { InternalEvents } from '../internal-events.ts'
import { firstOf } from '../first-of.ts'
import { SpillingAppender } from './appender.ts'
import type { SpillCourse } from './course.ts'
import type { Spill } from './store.ts'

export interface SpillReport {
  readonly stage: SpillCourse['stage']
  /** Share of the room on the disk in use, 0 to 1. */
  readonly fill: number
  /** Records that wait. */
  readonly length: number
}

export interface SpillingOptions {
  readonly store: Pick<Spill, keyof Spill>
  /** How long events may wait for the log before they go to the disk. */
  readonly afterMs: number
  /** How long the oldest event has waited. */
  readonly waitedMs: () => number
  readonly internalEvents: () => InternalEvents
  /** What was spilled has its place in the log now; a record may come twice, with another place. */
  readonly onDrained?:
    ((records: readonly AppendRecord[], positions: readonly Position[]) => void) | undefined
  readonly limits: {
    readonly spillRetryDelayMs: number
    readonly spillCloseMsMax: number
    readonly drainRecordsMax: number
    readonly drainBytesMax: number
    readonly drainDelayMs: number
    readonly leftBehindLookMs: number
  }
}

/** The disk beside the way to the log: takes over when the log fails, and what others left behind. */
export class Spilling {
  readonly appender: SpillingAppender
  readonly #options: SpillingOptions
  readonly #stopping = new AbortController()
  readonly #looking: Promise<void>

  constructor(options: SpillingOptions) {
    const { store, afterMs, waitedMs, limits, internalEvents, onDrained } = options
    this.#options = options
    this.appender = new SpillingAppender({
      store,
      waitedMs,
      events: {
        spillBegan: (why) => internalEvents().spillBegan(why),
        spilled: (records) => internalEvents().spilled(records),
        drained: (records, positions) => {
          internalEvents().spillDrained(records.length)
          onDrained?.(records, positions)
        },
        spillEnded: () => internalEvents().spillEnded(),
        drainFailed: (error) => internalEvents().drainFailed(error),
      },
      limits: {
        spillAfterMs: afterMs,
        retryDelayMs: limits.spillRetryDelayMs,
        drainRecordsMax: limits.drainRecordsMax,
        drainBytesMax: limits.drainBytesMax,
        drainDelayMs: limits.drainDelayMs,
      },
    })
    this.#looking = this.#lookForLeftBehind()
  }

  get report(): SpillReport {
    const { store } = this.#options
    return { stage: this.appender.stage, fill: store.fill, length: store.length }
  }

  /** Partitions that the raw topic had when a producer of this data directory last saw it. */
  get lastRawPartitions(): number | undefined {
    return this.#options.store.lastRawPartitions
  }

  /** The log is there. */
  attach(log: LogAppender, rawPartitions: number): void {
    const { store, internalEvents } = this.#options
    try {
      store.seeRawPartitions(rawPartitions)
    } catch (error) {
      internalEvents().spillTrouble(error) // the next start has to wait for the log then
    }
    this.appender.attach(log)
  }

  /** Drains on for a while; afterwards the log may be closed. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#looking
    await this.appender.stop(this.#options.limits.spillCloseMsMax)
  }

  /** Leaves on the disk what the log did not take. */
  async close(): Promise<void> {
    const { store, internalEvents, limits } = this.#options
    // The Kafka appender goes on trying for a while though it is closed; what it still writes is known for a repeat later.
    await firstOf(this.appender.close(), limits.spillCloseMsMax)
    internalEvents().leftOnDisk(store.length)
    await store.close()
  }

  /** Producers that share the data directory may end for good, with events on the disk. */
  async #lookForLeftBehind(): Promise<void> {
    const { store, limits, internalEvents } = this.#options
    const { signal } = this.#stopping
    for (;;) {
      await delay(limits.leftBehindLookMs, signal)
      if (signal.aborted) return
      try {
        if (await store.adoptLeftBehind()) this.appender.foundOlder()
      } catch (error) {
        internalEvents().spillTrouble(error)
      }
    }
  }
}
