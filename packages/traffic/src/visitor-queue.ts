import type { TrafficRequest } from './traffic-request.ts'

/** A request and when it should leave. */
export interface DueRequest {
  readonly request: TrafficRequest
  /** `performance.now()` */
  readonly dueAt: number
  /** The visitor's next, which waits for the answer to this one. */
  next: DueRequest | undefined
}

/**
 * Requests that are due, in that order, but one of a visitor at a time: the next of the same visitor becomes ready when the one
 * before is done.
 */
export class VisitorQueue {
  /** The last of each visitor who has one that is not done. */
  readonly #last = new Map<number, DueRequest>()
  #ready: (DueRequest | undefined)[] = []
  #head = 0
  #waiting = 0

  /** Not yet taken. */
  get waiting(): number {
    return this.#waiting
  }

  add(due: DueRequest): void {
    const { visitor } = due.request
    const before = this.#last.get(visitor)
    this.#last.set(visitor, due)
    this.#waiting++
    if (before === undefined) this.#ready.push(due)
    else before.next = due
  }

  /** The first whose visitor waits for nothing. */
  take(): DueRequest | undefined {
    const due = this.#ready[this.#head]
    if (due === undefined) return undefined
    this.#ready[this.#head++] = undefined
    this.#waiting--
    if (this.#head === this.#ready.length) {
      this.#ready.length = 0
      this.#head = 0
    } else if (this.#head > compactAt && this.#head * 2 > this.#ready.length) {
      this.#ready = this.#ready.slice(this.#head)
      this.#head = 0
    }
    return due
  }

  /** It was answered, or has failed. */
  done(due: DueRequest): void {
    if (due.next !== undefined) this.#ready.push(due.next)
    else this.#last.delete(due.request.visitor)
  }
}

const compactAt = 1_000
