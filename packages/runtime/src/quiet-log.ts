/** A line about trouble that goes on is written at most this often. */
const quietMs = 5_000

/** Keeps trouble that goes on from filling the log: each kind of line is written once in a while, with how many were left out. */
export class QuietLog {
  readonly #now: () => number
  readonly #lastWritten = new Map<string, { readonly at: number; leftOut: number }>()

  /** @param now milliseconds */
  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** @param kind one of few, such as the place of the trouble */
  occasionally(kind: string, write: (leftOut: number) => void): void {
    const last = this.#lastWritten.get(kind)
    const now = this.#now()
    if (last !== undefined && now - last.at < quietMs) {
      last.leftOut++
      return
    }
    this.#lastWritten.set(kind, { at: now, leftOut: 0 })
    write(last?.leftOut ?? 0)
  }
}
