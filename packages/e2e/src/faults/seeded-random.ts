/** Seeded chance (mulberry32): the same seed and path, the same numbers. */
export class SeededRandom {
  #state: number

  private constructor(state: number) {
    this.#state = state
  }

  /** @param path what the numbers are for, so that one use of chance does not shift another */
  static at(seed: number, ...path: readonly (string | number)[]): SeededRandom {
    let state = 2_166_136_261 // FNV-1a
    for (const character of [seed, ...path].join('/')) {
      state = Math.imul(state ^ character.charCodeAt(0), 16_777_619)
    }
    return new SeededRandom(state >>> 0)
  }

  /** From 0 up to, but not, 1. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }

  /** A whole number, both ends included. */
  between(min: number, max: number): number {
    return min + Math.floor(this.fraction() * (max - min + 1))
  }

  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  of<T>(choices: readonly T[]): T {
    const choice = choices[this.between(0, choices.length - 1)]
    if (choice === undefined) throw new Error('bug: no choices')
    return choice
  }

  shuffled<T>(given: readonly T[]): T[] {
    const list = [...given]
    for (let last = list.length - 1; last > 0; last--) {
      const other = this.between(0, last)
      ;[list[last], list[other]] = [list[other]!, list[last]!]
    }
    return list
  }
}
