import { exceedsText } from '../text-length.ts'
import { isBlank } from '../whitespace.ts'
import { firstGiven } from './alias.ts'
import type { Fields } from './body.ts'
import type { Problem } from './refusal.ts'

export const nameGraphemesMax = 120

/** A grapheme cluster has no length limit of its own; this one keeps a raw record below the log's limit. */
const nameBytesMax = 8_000

/**
 * The event's name, empty when refused. An integer is turned into text; `404.0` cannot be told from `404` once parsed,
 * and above 2^53 the digits that were sent are no longer known, so such a number is refused.
 */
export function readName(fields: Fields, problems: Problem[]): string {
  const given = firstGiven(fields.n, fields.name)
  const name = Number.isSafeInteger(given) ? String(given) : given
  if (name === undefined || (typeof name === 'string' && isBlank(name))) {
    problems.push(['event_name', "can't be blank"])
    return ''
  }
  if (typeof name !== 'string') {
    problems.push(['event_name', 'is invalid'])
    return ''
  }
  if (exceedsText(name, { graphemesMax: nameGraphemesMax, bytesMax: nameBytesMax })) {
    problems.push(['event_name', `should be at most ${String(nameGraphemesMax)} character(s)`])
  }
  return name
}
