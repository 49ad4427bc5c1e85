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

/** The events of a request, and the log they go to. */
interface WholeRequest {
  readonly events: readonly UnsequencedEvent[]
  readonly eventLog: EventLog
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
    const { now, rateLimiter, limits } = this.#options
    if (this.#options.eventLog() === undefined) return this.#unavailable(1, notThereYet)
    const receivedAt = now()
    const taken = this.#options.intake.read(route, request, receivedAt)
    if (!taken.ok) return taken
    const { events } = taken
    const waitS = overRate(events, { sites: this.#options.sites(), rateLimiter, now: receivedAt })
    if (waitS !== undefined) return rateLimited(waitS)
    const stranger = taken.subscriber && (await this.#stranger(taken))
    const eventLog = this.#options.eventLog()
    if (eventLog === undefined) return this.#unavailable(events.length, notThereYet)
    // From here to the append there is no await: the records reach the log in the order of their sequences.
    const records = events.map((event) => eventLog.records.make(event))
    if (records.some(({ value }) => value.length > limits.recordBytesMax)) return tooLarge()
    try {
      const positions =
        records.length === 1
          ? await this.#appendChunk(records, 0, { events, eventLog })
          : await this.#append(records, { events, eventLog })
      return this.#accepted(route, { taken, stranger }, positions)
    } catch (error) {
      return this.#refusal(events.length, error)
    }
  }

  /** The request's subscriber, unless it is known, or a rule drops what it did. */
  async #stranger({ subscriber, events }: AcceptedRequest): Promise<Subscriber | undefined> {
    const { subscribers } = this.#options
    if (subscriber === undefined || events.every(({ drop }) => drop !== undefined)) return undefined
    return (await subscribers?.isKnown(subscriber)) === false ? subscriber : undefined
  }

  /** A request's records go in chunks of a produce batch's size at most; the answer waits for all of them. */
  async #append(records: readonly AppendRecord[], whole: WholeRequest): Promise<readonly Position[]> {
    const { batchRecordsMax, batchBytesMax } = this.#options.limits
    const chunks = chunksOf(records, { recordsMax: batchRecordsMax, bytesMax: batchBytesMax })
    let next = 0
    const appends = chunks.map((chunk) => {
      const first = next
      next += chunk.length
      return this.#appendChunk(chunk, first, whole)
    })
    return (await Promise.all(appends)).flat()
  }

  async #appendChunk(
    chunk: readonly AppendRecord[],
    first: number,
    { events, eventLog }: WholeRequest,
  ): Promise<readonly Position[]> {
    const positions = await eventLog.append(chunk)
    this.#count(events, first, positions)
    return positions
  }

  /** Each chunk by itself: the log has it, even if the request is refused for another one. */
  #count(events: readonly UnsequencedEvent[], first: number, positions: readonly Position[]): void {
    const { counts } = this.#options
    if (counts === undefined) return
    positions.forEach((place, index) => {
      const event = events[first + index]
      if (event !== undefined) counts.add(event, place)
    })
  }

  #accepted(
    route: EventRoute,
    { taken, stranger }: { readonly taken: AcceptedRequest; readonly stranger: Subscriber | undefined },
    places: readonly Position[],
  ): WireAnswer {
    const { internalEvents } = this.#options
    const { events, accepted } = taken
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
    const { status, contentType, body, headers } = answer
    const receiptHeader = { 'x-millrace-receipt': receipt }
    return {
      status,
      contentType,
      body,
      headers: headers === undefined ? receiptHeader : { ...headers, ...receiptHeader },
    }
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
