import { delay } from '@millrace/runtime'
import type { Connection } from './connection.ts'
import type { EncodedRequest } from './encoded-request.ts'
import { Turns, type Sender } from './sender.ts'
import type { Stretch } from './stretch.ts'

/** How often it looks for what is due; timers are no finer. */
const tickMs = 1
/** Entries of the waiting line that may be done before they are cut off. */
const doneMax = 10_000

/** Each request leaves when it is due, or as soon after as a connection is free; its time runs from when it was due. */
export class OpenLoop implements Sender {
  readonly #requests: Turns
  readonly #rate: number
  readonly #free: Connection[] = []
  /** When those without a free connection were due, from `#waitingFrom` on; as many as are due in a load at most. */
  #waiting: number[] = []
  #waitingFrom = 0
  #stopped = false
  open = 0

  constructor(requests: readonly EncodedRequest[], rate: number) {
    this.#requests = new Turns(requests)
    this.#rate = rate
  }

  async run(connections: readonly Connection[], signal: AbortSignal): Promise<void> {
    this.#free.push(...connections)
    const startedAt = performance.now()
    let count = 0
    while (!this.#stopped && !signal.aborted) {
      const due = Math.floor(((performance.now() - startedAt) / 1000) * this.#rate) + 1
      for (; count < due; count++) this.#send(startedAt + (count / this.#rate) * 1000)
      await delay(tickMs)
    }
  }

  stop(): void {
    this.#stopped = true
  }

  answered(connection: Connection, status: number, stretch: Stretch): void {
    // What is due in the stretch belongs to it, however late its answer: an overloaded server is not to look better.
    const isMeasured = stretch.wasDuring(connection.sinceMs)
    stretch.answered(
      { status, events: connection.events },
      isMeasured ? performance.now() - connection.sinceMs : undefined,
    )
    this.open--
    const dueAt = this.#waiting[this.#waitingFrom]
    if (dueAt === undefined) {
      this.#free.push(connection)
      return
    }
    this.#waitingFrom++
    connection.send(this.#requests.next(), dueAt)
  }

  #send(dueAt: number): void {
    this.open++
    const connection = this.#free.pop()
    if (connection !== undefined) {
      connection.send(this.#requests.next(), dueAt)
      return
    }
    if (this.#waitingFrom > doneMax) {
      this.#waiting = this.#waiting.slice(this.#waitingFrom)
      this.#waitingFrom = 0
    }
    this.#waiting.push(dueAt)
  }
}
