import { instantMax, instantMin, instantOfNumber } from '../instant.ts'

const digits = /^\d{1,16}(?:\.\d{1,9})?$/
/** ISO 8601, and as Ruby prints times: a blank for the `T` and before the zone, `UTC` for `Z`, no colon in the zone. */
const iso =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(?: ?(?:(Z|UTC)|([+-]\d\d):?(\d\d)))?)?$/

/**
 * `created_at` as Unix milliseconds: ISO 8601 (in UTC where it names no zone), or Unix seconds or milliseconds as a number or
 * its text, whichever of the two is a time from 2000 to 2106. Undefined when it is none.
 */
export function readCreatedAt(given: unknown): number | undefined {
  if (typeof given === 'number') return instantOfNumber(given)
  if (typeof given !== 'string') return undefined
  return digits.test(given) ? instantOfNumber(Number(given)) : fromText(given)
}

function fromText(text: string): number | undefined {
  const [, day, time = '00:00', , hours, minutes] = iso.exec(text) ?? []
  if (day === undefined || !isDay(day)) return undefined
  const at = Date.parse(`${day}T${time}${hours === undefined ? 'Z' : `${hours}:${minutes ?? '00'}`}`)
  return at >= instantMin && at <= instantMax ? at : undefined
}

/** Node takes the 30th of February for the 2nd of March. */
function isDay(day: string): boolean {
  const at = Date.parse(`${day}T00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day)
}
