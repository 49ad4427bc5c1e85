/**
 * A field under its short or its long name: the first value that is there wins. Only null and false count as absent;
 * empty text and 0 are values and keep the next name from being read.
 */
export function firstGiven(...values: readonly unknown[]): unknown {
  return values.find(isGiven)
}

export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false
}
