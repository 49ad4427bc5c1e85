/** Runs once an iteration on the next event of the stream. */
export function onEach<T>(items: readonly T[], run: (item: T) => unknown): () => void {
  let next = 0
  return () => {
    const item = items[next++ % items.length]
    if (item !== undefined) run(item)
  }
}

/** Numbers from 0 to 1, the same for a seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
