import { saltForgottenAt, startOfDay, type Salt } from '@millrace/events'

/** Days remembered at once, a hundred years of them in one import: about 10 MB. */
const saltDaysMax = 36_525
/** Days this near have room beside those of an import that fills the book. */
const nearMs = 2 * 86_400_000

export interface KnownSalt extends Salt {
  /** When the record that carries it was last appended, Unix milliseconds. */
  readonly appendedAt: number
}

/**
 * The salts that are still known, by day. The first one of a day stays; later records of it prove that it is retained.
 * A day that is known is not given up for another one, or its visitors would get two ids: a full book takes no more.
 */
export class SaltBook {
  readonly #salts = new Map<string, KnownSalt>()
  readonly #daysMax: number

  constructor(daysMax = saltDaysMax) {
    this.#daysMax = daysMax
  }

  hasRoomFor(day: string, now: number): boolean {
    const isNear = Math.abs(startOfDay(day) - now) <= nearMs
    return isNear || this.#salts.has(day) || this.#salts.size < this.#daysMax
  }

  find(day: string, now: number): KnownSalt | undefined {
    const salt = this.#salts.get(day)
    return salt === undefined || isForgotten(salt, now) ? undefined : salt
  }

  /**
   * Takes a record of the topic, in the topic's order. The first record may leave the topic before the others do: who
   * starts then finds the salt of the day in the one that says so, not in the first that is left.
   */
  admit(salt: KnownSalt, now: number): void {
    if (isForgotten(salt, now)) return
    const first = this.find(salt.day, now)
    if (first?.bytes.equals(salt.bytes) === true) {
      this.#salts.set(salt.day, { ...first, appendedAt: Math.max(first.appendedAt, salt.appendedAt) })
    } else if (first === undefined ? this.hasRoomFor(salt.day, now) : salt.isAgreed) {
      this.#salts.set(salt.day, salt)
    }
  }

  days(): string[] {
    return [...this.#salts.keys()]
  }

  forget(now: number): void {
    for (const salt of this.#salts.values()) if (isForgotten(salt, now)) this.#salts.delete(salt.day)
  }

  clear(): void {
    this.#salts.clear()
  }
}

function isForgotten(salt: KnownSalt, now: number): boolean {
  return now >= saltForgottenAt(salt.day, salt.appendedAt)
}
