import type { AppendRecord, Position } from './log.ts'

/** A caller whose records are not answered for yet. */
export interface Waiting {
  readonly records: readonly AppendRecord[]
  readonly bytes: number
  /** On the clock of `performance.now`. */
  readonly expiresAt: number
  readonly resolve: (positions: readonly Position[]) => void
  readonly reject: (error: unknown) => void
  isAnswered: boolean
  /** Its records share a batch with nobody's. */
  goesAlone: boolean
}

/** The places of removed entries are given back when they are this many and half of the array. */
const compactFrom = 1_024

/**
 * Callers in the order in which they came; taking from its front costs the same however long it is. Who is taken is let
 * go of at once: the records of a caller may be a batch of their own.
 */
export class WaitingQueue {
  /** Undefined before `#head`. */
  #entries: (Waiting | undefined)[] = []
  #head = 0

  get isEmpty(): boolean {
    return this.#head === this.#entries.length
  }

  get first(): Waiting | undefined {
    return this.#entries[this.#head]
  }

  push(waiting: Waiting): void {
    this.#entries.push(waiting)
  }

  removeFirst(): void {
    this.#advance(1)
  }

  /** Removes and returns the callers from the front whose records fit; at least one. */
  take(max: { readonly recordsMax: number; readonly bytesMax: number }): Waiting[] {
    let records = 0
    let bytes = 0
    let end = this.#head
    for (; end < this.#entries.length; end++) {
      const waiting = this.#entries[end]
      records += waiting?.records.length ?? 0
      bytes += waiting?.bytes ?? 0
      const isFull = records > max.recordsMax || bytes > max.bytesMax
      if (end > this.#head && (isFull || waiting?.goesAlone === true)) break
      if (waiting?.goesAlone === true) return this.#removeUpTo(end + 1)
    }
    return this.#removeUpTo(end)
  }

  /** Puts callers that were taken in front again, in this order. */
  putBack(taken: readonly Waiting[]): void {
    this.#entries = [...taken, ...this.#entries.slice(this.#head)]
    this.#head = 0
  }

  #removeUpTo(end: number): Waiting[] {
    const taken = this.#entries.slice(this.#head, end) as Waiting[]
    this.#advance(taken.length)
    return taken
  }

  #advance(count: number): void {
    this.#entries.fill(undefined, this.#head, this.#head + count)
    this.#head += count
    if (this.isEmpty) {
      this.#entries = []
      this.#head = 0
    } else if (this.#head >= compactFrom && this.#head * 2 >= this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head)
      this.#head = 0
    }
  }
}
