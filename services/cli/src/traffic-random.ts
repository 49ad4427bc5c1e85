/** Seeded chance for the traffic generator (mulberry32): the same seed, the same traffic. */
export class TrafficRandom {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** 0 to 1. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }

  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit)
  }

  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  of<T>(choices: readonly T[]): T {
    const choice = choices[this.below(choices.length)]
    if (choice === undefined) throw new Error('bug: no choices')
    return choice
  }

  /** 1 to `count`, rank r about as often as 1/r (log-uniform, within a few percent of Zipf with exponent 1). */
  zipf(count: number): number {
    return Math.min(count, Math.floor(Math.exp(this.fraction() * Math.log(count + 1))))
  }
}
