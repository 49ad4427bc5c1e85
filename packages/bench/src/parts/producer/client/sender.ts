import type { Connection } from './connection.ts'
import type { EncodedRequest } from './encoded-request.ts'
import type { Stretch } from './stretch.ts'

/** Decides when a request leaves. */
export interface Sender {
  /** Requests that are due and not answered. */
  readonly open: number
  /** Resolves after `stop`, or when the signal aborts. */
  run(connections: readonly Connection[], signal: AbortSignal): Promise<void>
  stop(): void
  answered(connection: Connection, status: number, stretch: Stretch): void
}

/** Requests in their turn, again from the first one when all have been sent. */
export class Turns {
  readonly #requests: readonly EncodedRequest[]
  #next = 0

  constructor(requests: readonly EncodedRequest[]) {
    this.#requests = requests
  }

  next(): EncodedRequest {
    const request = this.#requests[this.#next++ % this.#requests.length]
    if (request === undefined) throw new Error('no requests')
    return request
  }
}
