import type { RawEvent } from '@millrace/events'

/** What a protocol says of one event; the producer adds the request facts. Fields as in `RawEvent`. */
export interface DecodedEvent extends Readonly<
  Pick<
    RawEvent,
    | 'name'
    | 'hostname'
    | 'pathname'
    | 'query'
    | 'title'
    | 'referrer'
    | 'props'
    | 'interactive'
    | 'scrollDepth'
    | 'engagementMs'
    | 'revenue'
    | 'visitorId'
    | 'clientEventId'
    | 'occurredAt'
    | 'overrides'
    | 'malformed'
  >
> {
  /** The visitor's own user agent, where the request's is that of a server; empty: unknown, and not judged as a bot's. */
  readonly userAgent?: string
  /**
   * The sites as addressed, each an event of its own. Repeats stay, and an empty name (`a.com,`) stays:
   * it is a site that nobody has, so that the post's count of drops is right.
   */
  readonly sites: readonly string[]
}

/** What goes back over the wire. */
export interface WireAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/** The events of a request, or the answer that refuses all of it. */
export type Decoded = DecodedRequest | ({ readonly ok: false } & Refusal)

export interface DecodedRequest {
  readonly ok: true
  /** May be none: accepted, and nothing to store. */
  readonly events: readonly DecodedEvent[]
  /** The answer once the log has the events. */
  readonly accepted: (outcome: AcceptedOutcome) => WireAnswer
  /** The caller is told whether this subscriber is new: asked before the events are stored. */
  readonly subscriber?: Subscriber
}

/** A person on a list (Octeth). */
export interface Subscriber {
  /** Domain. */
  readonly site: string
  /** A site may have several lists, and who is known on one is new on another. */
  readonly listId: number
  /** SHA-256 hex of the trimmed lower-case email. */
  readonly emailHash: string
}

export interface AcceptedOutcome {
  /** Events that a rule of the door refused; the log has them too. */
  readonly dropped: number
  /** Places in the raw log in the order of the events; none while some wait for the log on a disk. */
  readonly places: readonly { readonly partition: number; readonly offset: number }[]
  /** False where `subscriber` is not given. */
  readonly isNewSubscriber: boolean
}

export type Refusal = WireAnswer
