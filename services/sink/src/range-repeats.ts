import type { EnrichedEvent } from '@millrace/events'
import { clientMarkOf, fingerprintOf, type ClientEvent, type ClientMark } from './client-event.ts'

export interface StoredMark {
  readonly fingerprint: number
  /** Unix seconds. */
  readonly receivedAt: number
}

interface KnownEvent extends ClientEvent {
  /** Another with the same fingerprint. */
  readonly other: KnownEvent | undefined
}

/**
 * Which events of one range repeat a stored one: pure, in the order of the log, without a clock.
 *
 * The rule. An event repeats a stored one with the same site and client event id whose row carries the event's user id, of
 * today or of the day before (so it holds across midnight), when they were received at most `windowS` seconds apart,
 * whichever came first: clocks of producers differ. Only stored events count, so a repeat does not prolong the window,
 * and what follows a refused or dropped event with its id is no repeat.
 */
export class RangeRepeats {
  readonly #windowS: number
  #marks: ReadonlyMap<EnrichedEvent, ClientMark> = new Map()
  /** By fingerprint, signed: those numbers make small keys. */
  readonly #known = new Map<number, KnownEvent>()
  readonly #stored: StoredMark[] = []

  constructor({ windowS }: { readonly windowS: number }) {
    this.#windowS = windowS
  }

  /** @param marks of the events that come next, as far as they are computed already */
  expect(marks: ReadonlyMap<EnrichedEvent, ClientMark>): void {
    this.#marks = marks
  }

  /** What was stored by this range, in order. */
  get stored(): readonly StoredMark[] {
    return this.#stored
  }

  /** Adds what was stored before the range; must hold all that its events could repeat, and may hold others. */
  recall(events: Iterable<ClientEvent>): void {
    for (const event of events) this.#add(fingerprintOf(event), event)
  }

  isRepeat(event: EnrichedEvent): boolean {
    const { today, yesterday, receivedAt } = this.#markOf(event)
    const { userId, previousUserId } = event
    if (this.#isKnown(event, { fingerprint: today, userId, receivedAt })) return true
    if (previousUserId === userId) return false
    return this.#isKnown(event, { fingerprint: yesterday, userId: previousUserId, receivedAt })
  }

  /** @param userId of its row: that of the event, of today or of the day before */
  store(event: EnrichedEvent, userId: string): void {
    const { today, yesterday, receivedAt } = this.#markOf(event)
    const fingerprint = userId === event.userId ? today : yesterday
    const { site, clientEventId } = event
    this.#stored.push({ fingerprint, receivedAt })
    this.#add(fingerprint, { site, userId, clientEventId, receivedAt })
  }

  #markOf(event: EnrichedEvent): ClientMark {
    return this.#marks.get(event) ?? clientMarkOf(event)
  }

  #add(fingerprint: number, { site, userId, clientEventId, receivedAt }: ClientEvent): void {
    const other = this.#known.get(fingerprint | 0)
    this.#known.set(fingerprint | 0, { site, userId, clientEventId, receivedAt, other })
  }

  #isKnown(
    { site, clientEventId }: EnrichedEvent,
    wanted: { readonly fingerprint: number; readonly userId: string; readonly receivedAt: number },
  ): boolean {
    const { fingerprint, userId, receivedAt } = wanted
    for (let known = this.#known.get(fingerprint | 0); known !== undefined; known = known.other) {
      const isSame = known.userId === userId && isSameText(known.site, site)
      const isNear = Math.abs(receivedAt - known.receivedAt) <= this.#windowS
      if (isSame && isNear && isSameText(known.clientEventId, clientEventId)) return true
    }
    return false
  }
}

/** As the table keeps them: a lone surrogate is U+FFFD there. */
function isSameText(one: string, other: string): boolean {
  return one === other || wellFormed(one) === wellFormed(other)
}

function wellFormed(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, '\u{fffd}')
}
