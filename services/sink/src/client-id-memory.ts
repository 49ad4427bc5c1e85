import type { ClientMark } from './client-event.ts'
import { FingerprintSet } from './fingerprint-set.ts'

/** Steps of received time within a window: what is forgotten goes by the step, and each step is looked through. */
const stepsPerWindow = 2
/** A bound on the steps for the case that clocks are wrong in many ways. */
const stepsMax = 1_000

export interface ClientIdMemoryOptions {
  /** Seconds, at least 1. */
  readonly windowS: number
  /** The most ids kept between ranges. */
  readonly idsMax: number
  /** Every stored event with an id and received at or after this time is known from the start, Unix seconds. */
  readonly knownFrom: number
}

/** Fingerprints of stored events by received time: `step` is that time in seconds, divided by `stepS`. */
export interface FingerprintStep {
  readonly step: number
  readonly fingerprints: readonly number[]
}

/**
 * Which events with a client event id can be no repeat, for nearly all of them without asking: fingerprints of what is
 * stored, each a 32-bit hash of visitor, site and id. A fingerprint that is there says that it may be a repeat (one in a
 * few thousand is a chance hit), so the stored rows have to be asked; one that is not there says that it is none.
 *
 * Memory is bounded and does not change the answer: events received before `knownFrom` are forgotten, and an event that
 * could repeat one of those has to be looked up as well. Beyond `idsMax` the oldest step is forgotten early.
 */
export class ClientIdMemory {
  readonly #windowS: number
  readonly #idsMax: number
  readonly #steps = new Map<number, FingerprintSet>()
  #size = 0
  #knownFrom: number

  constructor({ windowS, idsMax, knownFrom }: ClientIdMemoryOptions) {
    this.#windowS = windowS
    this.#idsMax = idsMax
    this.#knownFrom = knownFrom
  }

  /** Number of fingerprints in memory. */
  get size(): number {
    return this.#size
  }

  get knownFrom(): number {
    return this.#knownFrom
  }

  /** Whether stored rows could make an event with this mark a repeat, as far as memory tells. */
  mustRecall({ receivedAt, today, yesterday }: ClientMark): boolean {
    const [from, to] = [receivedAt - this.#windowS, receivedAt + this.#windowS]
    if (from < this.#knownFrom) return true
    return this.#has(today, from, to) || (yesterday !== today && this.#has(yesterday, from, to))
  }

  /** @param receivedAt Unix seconds */
  add(fingerprint: number, receivedAt: number): void {
    if (receivedAt < this.#knownFrom) return
    this.#addTo(this.#stepOf(receivedAt), [fingerprint])
  }

  /**
   * Adds what is stored, by steps as `stepSecondsOf(windowS)` cuts them, each once. Where they are as many as the limit,
   * they were cut off there, and the oldest step is forgotten, as some of it may be missing.
   */
  restore(steps: readonly FingerprintStep[]): void {
    let count = 0
    for (const { step, fingerprints } of steps) {
      count += fingerprints.length
      this.#addTo(step, fingerprints)
    }
    if (count >= this.#idsMax) this.#forgetOldest()
  }

  /** Forgets what was received before `time`, rounded down to a step, and then the oldest steps beyond the limit. */
  forget(time: number): void {
    const stepS = stepSecondsOf(this.#windowS)
    this.#knownFrom = Math.max(this.#knownFrom, Math.floor(time / stepS) * stepS)
    for (const step of [...this.#steps.keys()]) if ((step + 1) * stepS <= this.#knownFrom) this.#remove(step)
    while (this.#size > this.#idsMax || this.#steps.size > stepsMax) this.#forgetOldest()
  }

  #forgetOldest(): void {
    const oldest = Math.min(...this.#steps.keys())
    this.#remove(oldest)
    this.#knownFrom = Math.max(this.#knownFrom, (oldest + 1) * stepSecondsOf(this.#windowS))
  }

  #addTo(step: number, fingerprints: readonly number[]): void {
    let set = this.#steps.get(step)
    if (set === undefined) this.#steps.set(step, (set = new FingerprintSet()))
    const sizeBefore = set.size
    for (const fingerprint of fingerprints) set.add(fingerprint)
    this.#size += set.size - sizeBefore
  }

  #has(fingerprint: number, from: number, to: number): boolean {
    const lastStep = this.#stepOf(to)
    for (let step = this.#stepOf(from); step <= lastStep; step++) {
      if (this.#steps.get(step)?.has(fingerprint) === true) return true
    }
    return false
  }

  #remove(step: number): void {
    this.#size -= this.#steps.get(step)?.size ?? 0
    this.#steps.delete(step)
  }

  #stepOf(receivedAt: number): number {
    return Math.floor(receivedAt / stepSecondsOf(this.#windowS))
  }
}

export function stepSecondsOf(windowS: number): number {
  return Math.ceil(windowS / stepsPerWindow)
}
