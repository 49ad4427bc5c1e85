import { assert } from '@millrace/runtime'

/** Seeded chance (mulberry32): the same seed, the same traffic. */
export class TrafficRandom {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** 0 to 1, 1 excluded. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }

  /** A whole number from 0 to `limit - 1`; limit up to 2^32. */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit)
  }

  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  of<T>(choices: readonly T[]): T {
    const choice = choices[this.below(choices.length)]
    assert(choice !== undefined, 'no choices')
    return choice
  }

  /** 1 or more, with this mean; the chance of one more is always the same. */
  geometric(mean: number): number {
    return 1 + Math.floor(Math.log(1 - this.fraction()) / Math.log(1 - 1 / mean))
  }
}
