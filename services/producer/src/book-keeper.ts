import { randomUUID } from 'node:crypto'
import { topics } from '@millrace/events'
import { AcceptedCounts, type TakenCounts } from '@millrace/intake'
import type { AppendRecord, Log, LogAppender, Position } from '@millrace/log'
import { delay } from '@millrace/runtime'
import * as z from 'zod'
import { firstOf } from './first-of.ts'
import type { InternalEvents } from './internal-events.ts'

export interface BookKeeperOptions {
  /** Undefined while it is not there yet. */
  readonly log: () => Log | undefined
  /** Where the last counts wait for the log when it does not take them; undefined: they are lost. */
  readonly spill?: ((records: readonly AppendRecord[]) => Promise<void>) | undefined
  readonly internalEvents: () => InternalEvents
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly limits: {
    /** How often counts are handed over: what a killed producer loses of them. */
    readonly booksEveryMs: number
    /** How often it is looked for the log at the start. */
    readonly connectDelayMsMin: number
    readonly bookTotalsMax: number
    /** How long the end of the service waits for the last counts to be taken. */
    readonly booksCloseMsMax: number
  }
}

const minuteMs = 60_000

/** What of a raw record tells where it counts. */
const countedSchema = z.object({
  site: z.string(),
  receivedAt: z.number(),
  producerId: z.string(),
  producerSequence: z.number(),
})

/**
 * Hands over to the books what was accepted. With an appender of its own: a batch is taken by the log as a whole, and no
 * event must wait, or fail, because of the books. What cannot be handed over is handed over later.
 */
export class BookKeeper {
  readonly counts: AcceptedCounts
  readonly #options: BookKeeperOptions
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>
  /** Once the log and the topic are there. */
  #appender: LogAppender | undefined
  /** What is being appended. */
  #inHand: TakenCounts | undefined
  #pageBegan: number
  #uncounted = 0

  constructor(options: BookKeeperOptions) {
    const { limits, now } = options
    this.#options = options
    this.counts = new AcceptedCounts({ counterId: randomUUID(), totalsMax: limits.bookTotalsMax })
    this.#pageBegan = minuteOf(now())
    this.#running = this.#run()
  }

  /** Spilled events are counted where the log takes them; it may take one twice. */
  countDrained(records: readonly AppendRecord[], positions: readonly Position[]): void {
    for (const [index, place] of positions.entries()) {
      const event = countedOf(records[index])
      if (event !== undefined) this.counts.addOnce(event, place)
    }
  }

  /** Hands over what is left; the log must still be open, and nothing be accepted any more. */
  async close(): Promise<void> {
    const { spill, internalEvents, limits } = this.#options
    this.#stopping.abort()
    await firstOf(this.#running, limits.booksCloseMsMax)
    this.#inHand?.putBack() // it may come into the log as well, which changes nothing
    const { records } = this.counts.take()
    const appender = this.#appender
    if (appender === undefined) return
    try {
      // Only where the topic has been seen: it must not hold up the events that wait on the disk.
      if (records.length > 0) await spill?.(records)
    } catch (error) {
      internalEvents().booksDelayed(error)
    }
    await appender.close()
  }

  async #run(): Promise<void> {
    const { limits } = this.#options
    const { signal } = this.#stopping
    await this.#open()
    while (!signal.aborted) {
      await delay(limits.booksEveryMs, signal)
      await this.#write()
    }
    await this.#write() // what came while the one before was under way
  }

  /** Waits for the log and the topic: an append to one that is missing would try for long. */
  async #open(): Promise<void> {
    const { log, internalEvents, limits } = this.#options
    const { signal } = this.#stopping
    while (this.#appender === undefined && !signal.aborted) {
      await delay(limits.connectDelayMsMin, signal)
      const found = log()
      if (found === undefined) continue
      try {
        await found.partitionCount(topics.books)
        this.#appender = await found.appender()
      } catch (error) {
        internalEvents().booksDelayed(error)
        await delay(limits.booksEveryMs, signal)
      }
    }
  }

  async #write(): Promise<void> {
    const { internalEvents } = this.#options
    internalEvents().eventsUncounted(this.counts.uncounted - this.#uncounted)
    this.#uncounted = this.counts.uncounted
    const taken = this.counts.take()
    this.#inHand = taken
    try {
      if (taken.records.length > 0) await this.#appender?.append(taken.records)
      this.#turnPage()
    } catch (error) {
      taken.putBack()
      internalEvents().booksDelayed(error)
    } finally {
      this.#inHand = undefined
    }
  }

  /** Only after everything was taken, so that what waits cannot pile up beside new pages. */
  #turnPage(): void {
    const { now, limits } = this.#options
    const minute = minuteOf(now())
    if (minute === this.#pageBegan && this.counts.size < limits.bookTotalsMax / 2) return
    this.#pageBegan = minute
    this.counts.turnPage()
  }
}

function minuteOf(ms: number): number {
  return Math.floor(ms / minuteMs)
}

/** Undefined for bytes that the enricher will make a dead letter of: they tell no site. */
function countedOf(record: AppendRecord | undefined): z.infer<typeof countedSchema> | undefined {
  if (record?.topic !== topics.raw) return undefined
  try {
    return countedSchema.parse(JSON.parse(record.value.toString('utf8')))
  } catch {
    return undefined
  }
}
