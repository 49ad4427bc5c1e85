import { instantMin, instantOfNumber } from '@millrace/protocols'
import * as z from 'zod'

/** How far a capturing machine's clock may be ahead. */
const aheadMsMax = 5 * 60_000

const isoWithZone = z.iso.datetime({ offset: true })
const digits = /^\d{1,16}(\.\d{1,9})?$/

/** @returns Unix milliseconds, or what is wrong */
export type ReadReceivedAt = { readonly at: number } | { readonly problem: string }

/**
 * Reads an instant of the past: ISO 8601 with seconds and zone, or Unix seconds (with a fraction, as nginx's `$msec`) or
 * milliseconds as a number or its text. A number is whichever of the two is a time from 2000 to 2106; none is both.
 * @param now Unix milliseconds
 */
export function readReceivedAt(given: unknown, now: number): ReadReceivedAt {
  const at = typeof given === 'number' ? instantOfNumber(given) : fromText(given)
  if (at === undefined) {
    return { problem: 'expected an ISO 8601 time with its zone, Unix seconds or Unix milliseconds' }
  }
  if (at < instantMin) return { problem: 'is before the year 2000' }
  return at > now + aheadMsMax ? { problem: 'is in the future' } : { at }
}

function fromText(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined
  if (digits.test(text)) return instantOfNumber(Number(text))
  return isoWithZone.safeParse(text).success ? Date.parse(text) : undefined
}
