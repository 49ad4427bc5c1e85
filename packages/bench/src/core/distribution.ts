/** What repetitions of one measurement gave: machines are noisy, so never one number alone. */
export interface Distribution {
  readonly min: number
  readonly median: number
  readonly max: number
}

/** @param values at least one; of an even number the median is the mean of the two in the middle */
export function distributionOf(values: readonly number[]): Distribution {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = (sorted.length - 1) / 2
  const lower = sorted[Math.floor(middle)]
  const upper = sorted[Math.ceil(middle)]
  const [min, max] = [sorted[0], sorted.at(-1)]
  if (lower === undefined || upper === undefined || min === undefined || max === undefined) {
    throw new RangeError('a distribution of no values')
  }
  return { min, median: (lower + upper) / 2, max }
}
