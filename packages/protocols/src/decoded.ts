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
  >
> {
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
export type Decoded =
  { readonly ok: true; readonly events: readonly DecodedEvent[] } | ({ readonly ok: false } & Refusal)

export type Refusal = Pick<WireAnswer, 'status' | 'contentType' | 'body'>
