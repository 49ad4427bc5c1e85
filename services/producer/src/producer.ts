import type {
  AcceptedCounts,
  EventRoute,
  Intake,
  RawRecords,
  ReceivedRequest,
  TakenIn,
  UnsequencedEvent,
} from '@millrace/intake'
import { LogError, type AppendRecord, type Position } from '@millrace/log'
import type { Subscriber, WireAnswer } from '@millrace/protocols'
import type { RateLimiter, SiteDirectory } from '@millrace/sites'
import { rateLimited, tooLarge, unavailable } from './answers.ts'
import { chunksOf } from './chunks.ts'
import type { InternalEvents } from './internal-events.ts'
import type { Subscribers } from './octeth/subscribers.ts'
import { overRate } from './over-rate.ts'

/** The way to the log, once it is there. */
export interface EventLog {
  /** Resolves with the records' places once they are durable; with none when they wait on the disk for the log. */
  readonly append: (records: readonly AppendRecord[]) => Promise<readonly Position[]>
  readonly records: RawRecords
}

type AcceptedRequest = Extract<TakenIn, { readonly ok: true }>

export interface ProducerOptions {
  /** Undefined while the log is not there yet. */
  readonly eventLog: () => EventLog | undefined
  readonly intake: Pick<Intake, 'read'>
  readonly sites: () => SiteDirectory
  readonly rateLimiter: Pick<RateLimiter, 'take'>
  readonly internalEvents: InternalEvents
  /** For the books; undefined: none are kept. */
  readonly counts?: Pick<AcceptedCounts, 'add'>
  /** Who is known on which list; undefined: nobody is told to be new. */
  readonly subscribers?: Pick<Subscribers, 'isKnown' | 'see'>
  readonly now: () => number
  readonly limits: {
    readonly recordBytesMax: number
    readonly batchRecordsMax: number
    readonly batchBytesMax: number
    readonly retryAfterS: number
  }
}

/** Places in one receipt: of more there is none, as clients take headers of 16 kB at most. */
const receiptPlacesMax = 500

/** Takes requests for events: each stage in turn, and an answer only when the log has what was accepted. */
export class Producer {
  readonly #options: ProducerOptions

  constructor(options: ProducerOptions) {
    this.#options = options
  }

  async accept(route: EventRoute, request: ReceivedRequest): Promise<WireAnswer> {
    const { now, rateLimiter } = this.#options
    if (this.#options.eventLog() === undefined) return this.#unavailable(1, notThereYet)
    const receivedAt = now()
    const taken = this.#options.intake.read(route, request, receivedAt)
    if (!taken.ok) return taken
    const { events } = taken
    const waitS = overRate(events, { sites: this.#options.sites(), rateLimiter, now: receivedAt })
    if (waitS !== undefined) return rateLimited(waitS)
    return this.#store(route, taken, taken.subscriber && (await this.#stranger(taken)))
  }

  /** The request's subscriber, unless it is known, or a rule drops what it did. */
  async #stranger({ subscriber, events }: AcceptedRequest): Promise<Subscriber | undefined> {
    const { subscribers } = this.#options
    if (subscriber === undefined || events.every(({ drop }) => drop !== undefined)) return undefined
    return (await subscribers?.isKnown(subscriber)) === false ? subscriber : undefined
  }

  async #store(
    route: EventRoute,
    taken: AcceptedRequest,
    stranger: Subscriber | undefined,
  ): Promise<WireAnswer> {
    const { limits } = this.#options
    const { events } = taken
    const eventLog = this.#options.eventLog()
    if (eventLog === undefined) return this.#unavailable(events.length, notThereYet)
    // From here to the append there is no await: the records reach the log in the order of their sequences.
    const records = events.map((event) => eventLog.records.make(event))
    if (records.some(({ value }) => value.length > limits.recordBytesMax)) return tooLarge()
    try {
      const positions = await this.#append(records, { events, eventLog })
      return this.#accepted(route, { ...taken, stranger }, positions)
    } catch (error) {
      return this.#refusal(events.length, error)
    }
  }

  /** A request's records go in chunks of a produce batch's size at most; the answer waits for all of them. */
  async #append(
    records: readonly AppendRecord[],
    { events, eventLog }: { readonly events: readonly UnsequencedEvent[]; readonly eventLog: EventLog },
  ): Promise<readonly Position[]> {
    const { batchRecordsMax, batchBytesMax } = this.#options.limits
    const chunks = chunksOf(records, { recordsMax: batchRecordsMax, bytesMax: batchBytesMax })
    let next = 0
    const appends = chunks.map(async (chunk) => {
      const first = next
      next += chunk.length
      const positions = await eventLog.append(chunk)
      this.#count(events, first, positions)
      return positions
    })
    const places = await Promise.all(appends)
    return places.length === 1 ? (places[0] ?? []) : places.flat()
  }

  /** Each chunk by itself: the log has it, even if the request is refused for another one. */
  #count(events: readonly UnsequencedEvent[], first: number, positions: readonly Position[]): void {
    const { counts } = this.#options
    if (counts === undefined) return
    for (const [index, place] of positions.entries()) {
      const event = events[first + index]
      if (event !== undefined) counts.add(event, place)
    }
  }

  #accepted(
    route: EventRoute,
    { events, accepted, stranger }: AcceptedRequest & { readonly stranger: Subscriber | undefined },
    places: readonly Position[],
  ): WireAnswer {
    const { internalEvents } = this.#options
    let dropped = 0
    for (const { drop } of events) {
      if (drop === undefined) continue
      dropped++
      internalEvents.eventDropped(route.protocol, drop)
    }
    internalEvents.eventsAccepted(route.protocol, events.length - dropped)
    const areKnown = places.length === events.length // or some wait for the log on the disk
    // Of several at once that are strangers, the first to get here is new.
    const isNewSubscriber = stranger !== undefined && this.#options.subscribers?.see(stranger) === true
    const answer = accepted({ dropped, places: areKnown ? places : [], isNewSubscriber })
    if (!areKnown || events.length === 0 || events.length > receiptPlacesMax) return answer
    const receipt = places.map(({ partition, offset }) => `${String(partition)}-${String(offset)}`).join(',')
    return { ...answer, headers: { ...answer.headers, 'x-millrace-receipt': receipt } }
  }

  /** @throws the error when it is no trouble of the log's that a later request may be spared */
  #refusal(events: number, error: unknown): WireAnswer {
    if (!(error instanceof LogError)) throw error
    if (error.code === 'RECORD_TOO_LARGE') return tooLarge()
    if (!error.retriable) throw error
    return this.#unavailable(events, error)
  }

  #unavailable(events: number, error: LogError): WireAnswer {
    this.#options.internalEvents.eventsUnavailable(events, error)
    return unavailable(error.code, this.#options.limits.retryAfterS)
  }
}

const notThereYet = new LogError('the log is not there yet', { code: 'LOG_UNAVAILABLE', retriable: true })
