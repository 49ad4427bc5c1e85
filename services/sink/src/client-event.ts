import type { EnrichedEvent } from '@millrace/events'
import { murmur3 } from '@millrace/sessions'
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

/** What an event is looked for by, computed once for each. */
export interface ClientMark {
  /** Unix seconds. */
  readonly receivedAt: number
  /** Fingerprint under the user id of the day, and under that of the day before. */
  readonly today: number
  readonly yesterday: number
}

export function clientMarkOf(event: EnrichedEvent): ClientMark {
  const { site, userId, previousUserId, clientEventId } = event
  const today = fingerprintOf({ site, userId, clientEventId })
  const isSame = previousUserId === userId
  const yesterday = isSame ? today : fingerprintOf({ site, userId: previousUserId, clientEventId })
  return { receivedAt: receivedSecond(event), today, yesterday }
}

/** A 32-bit hash of visitor, site and client event id, unsigned; the same as ClickHouse's `fingerprintSql`. */
export function fingerprintOf({ site, userId, clientEventId }: Omit<ClientEvent, 'receivedAt'>): number {
  return murmur3(Buffer.from(userId + site + clientEventId))
}
