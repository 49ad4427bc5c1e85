import type { EnrichedEvent } from '@millrace/events'
import { receivedSecond } from './enriched-item.ts'

/** A stored event with the id that its client gave it. */
export interface ClientEvent {
  readonly site: string
  /** Of the row, 16 hex digits. */
  readonly userId: string
  readonly clientEventId: string
  /** Unix seconds. */
  readonly receivedAt: number
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
  readonly #receivedAt = new Map<string, readonly number[]>()
  readonly #stored: ClientEvent[] = []

  constructor(options: { readonly windowS: number }) {
    this.#windowS = options.windowS
  }

  /** What was stored by this range, in order. */
  get stored(): readonly ClientEvent[] {
    return this.#stored
  }

  /** Adds what was stored before the range; must hold all that its events could repeat, and may hold others. */
  recall(events: Iterable<ClientEvent>): void {
    for (const event of events) this.#add(event)
  }

  isRepeat(event: EnrichedEvent): boolean {
    const { userId, previousUserId } = event
    return this.#isNear(event, userId) || (previousUserId !== userId && this.#isNear(event, previousUserId))
  }

  /** @param userId of its row */
  store(event: EnrichedEvent, userId: string): void {
    const { site, clientEventId } = event
    const stored = { site, userId, clientEventId, receivedAt: receivedSecond(event) }
    this.#stored.push(stored)
    this.#add(stored)
  }

  #add(event: ClientEvent): void {
    const key = keyOf(event.site, event.userId, event.clientEventId)
    const others = this.#receivedAt.get(key)
    this.#receivedAt.set(key, others === undefined ? [event.receivedAt] : [...others, event.receivedAt])
  }

  #isNear(event: EnrichedEvent, userId: string): boolean {
    const times = this.#receivedAt.get(keyOf(event.site, userId, event.clientEventId))
    if (times === undefined) return false
    const received = receivedSecond(event)
    return times.some((time) => Math.abs(received - time) <= this.#windowS)
  }
}

/** With the site's length, so that no two triples share a key; a lone surrogate as the table keeps it. */
function keyOf(site: string, userId: string, clientEventId: string): string {
  return `${userId} ${site.length} ${site}${clientEventId}`.replaceAll(/\p{Surrogate}/gu, '\u{fffd}')
}
