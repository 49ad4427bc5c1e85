import { cutText } from '../text-length.ts'
import { givenText, type Parameters } from './body.ts'

export const eventNameGraphemesMax = 120
const eventNameBytesMax = 8_000

export interface EventName {
  /** As sent, trimmed; what is above the limit is cut off, as no error of the document says that it is too long. */
  readonly sent: string
  /** `pageview`, `conversion`, `identify`, or as sent. */
  readonly canonical: string
}

/** Undefined without one. */
export function readEventName(parameters: Parameters): EventName | undefined {
  const given = givenText(parameters.get('event'))
  if (given === undefined) return undefined
  const sent = cutText(given, { graphemesMax: eventNameGraphemesMax, bytesMax: eventNameBytesMax })
  return { sent, canonical: canonicalName(sent) }
}

function canonicalName(sent: string): string {
  const lower = sent.toLowerCase()
  if (lower === 'conversion' || lower === 'identify') return lower
  if (/^page[-_ ]?view$/.test(lower)) return 'pageview'
  return sent
}
