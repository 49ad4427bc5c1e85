import { UndecodableRecordError } from '@millrace/events'
import * as z from 'zod'

const dayMs = 86_400_000
const keptMs = 2 * dayMs
/** Days remembered at once: today, yesterday, tomorrow, and days of events that come very late. */
const daysMax = 64

export interface Salt {
  /** UTC day, `2026-11-21`. */
  readonly day: string
  readonly bytes: Buffer
  /** When the record that carries it was last appended, Unix milliseconds. */
  readonly appendedAt: number
}

/** The salts that are still known, by day. The first one of a day stays; later ones only prove that it is retained. */
export class SaltBook {
  readonly #salts = new Map<string, Salt>()

  find(day: string, now: number): Salt | undefined {
    const salt = this.#salts.get(day)
    return salt === undefined || isForgotten(salt, now) ? undefined : salt
  }

  /** Takes a record of the topic, in the topic's order. */
  admit(salt: Salt, now: number): void {
    if (isForgotten(salt, now)) return
    const first = this.find(salt.day, now)
    if (first === undefined) {
      this.#salts.delete(salt.day)
      this.#salts.set(salt.day, salt)
      this.#forgetBeyondLimit()
    } else if (first.bytes.equals(salt.bytes)) {
      this.#salts.set(salt.day, { ...first, appendedAt: Math.max(first.appendedAt, salt.appendedAt) })
    }
  }

  forget(now: number): void {
    for (const salt of this.#salts.values()) if (isForgotten(salt, now)) this.#salts.delete(salt.day)
  }

  clear(): void {
    this.#salts.clear()
  }

  #forgetBeyondLimit(): void {
    for (const salt of this.#salts.values()) {
      if (this.#salts.size <= daysMax) return
      this.#salts.delete(salt.day)
    }
  }
}

/** A salt serves its day and the next; one proposed late, for a day long gone, serves 48 hours from then. */
function isForgotten(salt: Salt, now: number): boolean {
  return now >= Math.max(startOf(salt.day) + keptMs, salt.appendedAt + keptMs)
}

/** The UTC day of an instant, `2026-11-21`. */
export function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10)
}

/** Midnight UTC at which the day begins, Unix milliseconds. */
export function startOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`)
}

const saltRecordSchema = z.object({
  day: z.iso.date(),
  /** Base64 of 16 random bytes. */
  salt: z.base64().length(24),
})

export function encodeSaltRecord(day: string, salt: Buffer): Buffer {
  return Buffer.from(JSON.stringify({ day, salt: salt.toString('base64') }))
}

/** The day's salt, or what is wrong with the bytes: nobody's garbage in the topic may stop the enrichers. */
export function decodeSaltRecord(value: Buffer): { day: string; bytes: Buffer } | UndecodableRecordError {
  try {
    const { day, salt } = saltRecordSchema.parse(JSON.parse(value.toString('utf8')))
    return { day, bytes: Buffer.from(salt, 'base64') }
  } catch (cause) {
    return new UndecodableRecordError('not a salt record', { cause })
  }
}
