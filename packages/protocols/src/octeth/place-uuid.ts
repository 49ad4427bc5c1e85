import type { AcceptedOutcome } from '../decoded.ts'

/** A UUID as clients write it. Octeth's own example is of no RFC's version, so any hex digits will do. */
const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i

export function isUuid(text: string): boolean {
  return uuid.test(text)
}

/**
 * An event's place in the raw log as a UUID of version 8 (RFC 9562, 5.8), so that it leads to the row without being stored:
 * 60 bits offset around the version, then the variant, then 16 bits partition at the end. The view `octeth_events` has the
 * same in SQL.
 */
export function placeUuid({ partition, offset }: AcceptedOutcome['places'][number]): string {
  const digits = offset.toString(16).padStart(15, '0')
  const end = partition.toString(16).padStart(12, '0')
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-8${digits.slice(12)}-8000-${end}`
}
