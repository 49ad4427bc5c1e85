import * as z from 'zod'
import { UndecodableRecordError } from './undecodable-record-error.ts'

const dayMs = 86_400_000
/** How long a salt is used, and its record retained. */
export const saltLifeMs = 2 * dayMs

/** The random key of one UTC day's anonymous visitor ids. */
export interface Salt {
  /** UTC day, `2026-11-21`. */
  readonly day: string
  /** 16 random bytes. */
  readonly bytes: Buffer
  /** It is the salt that its day has had: such a record wins over proposals before it. */
  readonly isAgreed: boolean
}

const saltRecordSchema = z.object({
  day: z.iso.date(),
  /** Base64 of 16 random bytes. */
  salt: z.base64().length(24),
  agreed: z.boolean().optional(),
})

/** Value of a salt record. It begins with `saltRecordStart`, so that a search of files finds it. */
export function encodeSaltRecord({ day, bytes, isAgreed }: Salt): Buffer {
  const salt = bytes.toString('base64')
  return Buffer.from(JSON.stringify({ day, salt, ...(isAgreed ? { agreed: true } : {}) }))
}

/** What every salt record of the day begins with. */
export function saltRecordStart(day: string): Buffer {
  return Buffer.from(`{"day":${JSON.stringify(day)},"salt":"`)
}

/** The day's salt, or what is wrong with the bytes: nobody's garbage in the topic may stop the enrichers. */
export function decodeSaltRecord(value: Buffer): Salt | UndecodableRecordError {
  try {
    const { day, salt, agreed = false } = saltRecordSchema.parse(JSON.parse(value.toString('utf8')))
    return { day, bytes: Buffer.from(salt, 'base64'), isAgreed: agreed }
  } catch (cause) {
    return new UndecodableRecordError('not a salt record', { cause })
  }
}

/**
 * From when on nobody uses the salt. It is used on its day and, for sessions that live across midnight, on the next; one
 * proposed after its day, for events that come late, is used for 48 hours. One proposed ahead counts from its record like
 * that too, as the log's retention does, until it is appended again on its day.
 * @param appendedAt when the record that carries it was last appended, Unix milliseconds
 * @returns Unix milliseconds
 */
export function saltForgottenAt(day: string, appendedAt: number): number {
  const start = startOfDay(day)
  const isOnItsDay = appendedAt >= start && appendedAt < start + dayMs
  return (isOnItsDay ? start : appendedAt) + saltLifeMs
}

/** The UTC day of an instant, `2026-11-21`. */
export function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10)
}

/** Midnight UTC at which the day begins, Unix milliseconds. */
export function startOfDay(day: string): number {
  return Date.parse(`${day}T00:00:00Z`)
}
