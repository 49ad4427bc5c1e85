import type { Protocol } from '@millrace/events'

/** One request as a client sends it. */
export interface TrafficRequest {
  readonly protocol: Protocol
  readonly method: 'GET' | 'POST'
  /** With its query. */
  readonly path: string
  /** Names in lower case; without `host` and `content-length`. */
  readonly headers: Readonly<Record<string, string>>
  /** Empty for a GET. */
  readonly body: string
  /** Events that an accepting answer stands for. */
  readonly events: number
  /** Who it is of. A visitor's requests follow one another, as a browser sends them: each waits for the answer to the one before. */
  readonly visitor: number
}
