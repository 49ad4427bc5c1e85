import { isBlank } from '../whitespace.ts'

/** The first value that is there, of a field under its several names; null and blank text count as absent. */
export function firstGiven(...values: readonly unknown[]): unknown {
  return values.find(isGiven)
}

export function isGiven(value: unknown): boolean {
  if (typeof value === 'string') return !isBlank(value)
  return value !== undefined && value !== null
}
