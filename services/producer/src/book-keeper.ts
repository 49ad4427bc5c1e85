import { randomUUID } from 'node:crypto'
import { topics } from '@millrace/events'
import { AcceptedCounts } from '@millrace/intake'
import type { AppendRecord, Log, LogAppender, Position } from '@millrace/log'
import { delay } from '@millrace/runtime'
import * as z from 'zod'
import { firstOf } from './first-of.ts'
import type { InternalEvents } from './internal-events.ts'

export interface BookKeeperOptions {
  /** Undefined while it is not there yet. */
  readonly log: () => Log | undefined
  readonly internalEvents: () => InternalEvents
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly limits: {
    /** How often counts are handed over: what a killed producer loses of them. */
    readonly booksEveryMs: number
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
  #appender: LogAppender | undefined
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
    this.#stopping.abort()
    await firstOf(this.#running, this.#options.limits.booksCloseMsMax)
  }

  async #run(): Promise<void> {
    const { booksEveryMs } = this.#options.limits
    const { signal } = this.#stopping
    while (!signal.aborted) {
      await delay(booksEveryMs, signal)
      await this.#write()
    }
    await this.#write() // what came while the one before was under way
    await this.#appender?.close()
  }

  async #write(): Promise<void> {
    const { internalEvents } = this.#options
    internalEvents().eventsUncounted(this.counts.uncounted - this.#uncounted)
    this.#uncounted = this.counts.uncounted
    const taken = this.counts.take()
    try {
      if (taken.records.length > 0) await this.#append(taken.records)
      this.#turnPage()
    } catch (error) {
      taken.putBack()
      internalEvents().booksDelayed(error)
    }
  }

  async #append(records: readonly AppendRecord[]): Promise<void> {
    const log = this.#options.log()
    if (log === undefined) throw new Error('the log is not there yet')
    // Asked first: an append to a topic that is missing tries for long.
    if (this.#appender === undefined) await log.partitionCount(topics.books)
    this.#appender ??= await log.appender()
    await this.#appender.append(records)
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
