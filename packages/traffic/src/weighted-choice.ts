import { assert } from '@millrace/runtime'
import type { TrafficRandom } from './random.ts'

/** Draws by weight in constant time, however many choices there are (Walker's alias method, as Vose builds it). */
export class WeightedChoice<T> {
  readonly #choices: readonly T[]
  readonly #keep: Float64Array
  readonly #alias: Uint32Array

  /** @param weights above 0, in any unit, one for each choice */
  constructor(choices: readonly T[], weights: readonly number[]) {
    assert(choices.length > 0 && choices.length === weights.length, 'a weight for each choice')
    this.#choices = choices
    this.#keep = new Float64Array(choices.length).fill(1)
    this.#alias = new Uint32Array(choices.length)
    this.#pair(weights)
  }

  draw(random: TrafficRandom): T {
    const place = random.below(this.#choices.length)
    const chosen = random.fraction() < (this.#keep[place] ?? 1) ? place : (this.#alias[place] ?? 0)
    return this.#choices[chosen] as T
  }

  /** Every place gets the same share of the draws: what a light choice leaves of it goes to a heavy one. */
  #pair(weights: readonly number[]): void {
    const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length
    const shares = weights.map((weight) => weight / mean)
    const light: number[] = []
    const heavy: number[] = []
    for (const [place, share] of shares.entries()) (share < 1 ? light : heavy).push(place)
    for (;;) {
      const small = light.pop()
      const large = heavy.at(-1)
      if (small === undefined || large === undefined) return
      const share = shares[small] ?? 1
      this.#keep[small] = share
      this.#alias[small] = large
      const left = (shares[large] ?? 1) - (1 - share)
      shares[large] = left
      if (left < 1) light.push(heavy.pop() ?? large)
    }
  }
}

/**
 * Ranks 1 to `count`, rank r as often as 1/r (Zipf's law with exponent 1).
 * @param largestShare 0 to 1: what the first rank has of all draws; by default what the law gives it
 */
export function zipf(count: number, largestShare?: number): WeightedChoice<number> {
  const ranks = Array.from({ length: count }, (_, index) => index + 1)
  const weights = ranks.map((rank) => 1 / rank)
  if (largestShare !== undefined && count > 1) {
    const others = weights.slice(1).reduce((sum, weight) => sum + weight, 0)
    weights[0] = (others * largestShare) / (1 - largestShare)
  }
  return new WeightedChoice(ranks, weights)
}
