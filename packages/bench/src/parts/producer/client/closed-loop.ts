import type { Connection } from './connection.ts'
import type { EncodedRequest } from './encoded-request.ts'
import { Turns, type Sender } from './sender.ts'
import type { Stretch } from './stretch.ts'

/** Each connection sends its next request when its last one is answered: as fast as the server can. */
export class ClosedLoop implements Sender {
  readonly #requests: Turns
  #stopped = false
  open = 0

  constructor(requests: readonly EncodedRequest[]) {
    this.#requests = new Turns(requests)
  }

  run(connections: readonly Connection[]): Promise<void> {
    for (const connection of connections) this.#send(connection, performance.now())
    return Promise.resolve()
  }

  stop(): void {
    this.#stopped = true
  }

  answered(connection: Connection, status: number, stretch: Stretch): void {
    const now = performance.now()
    const isMeasured = stretch.hasBegun && !stretch.hasEnded
    stretch.answered({ status, events: connection.events }, isMeasured ? now - connection.sinceMs : undefined)
    this.open--
    if (!this.#stopped) this.#send(connection, now)
  }

  #send(connection: Connection, now: number): void {
    this.open++
    connection.send(this.#requests.next(), now)
  }
}
