import { exceedsText } from '../text-length.ts'
import { firstGiven } from './alias.ts'
import type { Problem } from './problem.ts'

/** Of a contact, an account or an element. */
export const uidCharsMax = 300
export const eventUidCharsMax = 120
/** A grapheme cluster has no length of its own; this keeps a record below the log's limit. */
const eventUidBytesMax = 8_000

export type ReadUid = { readonly ok: true; readonly uid: string } | ({ readonly ok: false } & Problem)

/**
 * An id that is text or a whole number, as text. Above 2^53 the digits that were sent are no longer known, and two contacts
 * would become one, so such a number is refused.
 * @param field its first name, for the error
 * @param values under its names, the preferred one first
 */
export function readUid(field: string, ...values: readonly unknown[]): ReadUid {
  const given = uidText(field, values)
  if (given.ok && given.uid.length > uidCharsMax) return tooLong(field, uidCharsMax)
  return given
}

/** As `readUid`, with the limit of an event's name. */
export function readEventUid(field: string, ...values: readonly unknown[]): ReadUid {
  const given = uidText(field, values)
  const limits = { graphemesMax: eventUidCharsMax, bytesMax: eventUidBytesMax }
  return given.ok && exceedsText(given.uid, limits) ? tooLong(field, eventUidCharsMax) : given
}

function uidText(field: string, values: readonly unknown[]): ReadUid {
  const given = firstGiven(...values)
  if (given === undefined) return { ok: false, field, reason: 'is required' }
  if (typeof given === 'string') return { ok: true, uid: given }
  if (typeof given === 'number' && Number.isSafeInteger(given)) return { ok: true, uid: String(given) }
  return { ok: false, field, reason: 'must be text, or a whole number below 2^53' }
}

function tooLong(field: string, charsMax: number): ReadUid {
  return { ok: false, field, reason: `must have at most ${String(charsMax)} characters` }
}
