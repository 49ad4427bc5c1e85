/** How many rows there were at a moment. */
export interface StoredReading {
  /** Milliseconds. */
  readonly at: number
  readonly rows: number
}

/**
 * Rows stored a second while a load ran. Rows come in batches, so the time runs from one batch to another: from the first
 * that was seen to the last.
 * @returns 0 where fewer than two batches were seen
 */
export function storedRate(readings: readonly StoredReading[]): number {
  const batches = readings.filter(({ rows }, index) => {
    const before = readings[index - 1]
    return before !== undefined && rows > before.rows
  })
  const [first, last] = [batches[0], batches.at(-1)]
  if (first === undefined || last === undefined || first === last) return 0
  return (last.rows - first.rows) / ((last.at - first.at) / 1000)
}
