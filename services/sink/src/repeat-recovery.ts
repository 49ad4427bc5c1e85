import type { Store } from '@millrace/clickhouse'
import type { EnrichedEvent } from '@millrace/events'
import type { ClientEvent } from './client-event.ts'
import type { FingerprintStep } from './client-id-memory.ts'
import { receivedSecond } from './enriched-item.ts'
import type { StoredRows } from './session-recovery.ts'
import { idLiteral, textLiteral, timeLiteral } from './sql-literals.ts'

/** What `events` tells of the ids that clients gave, for a memory that starts anew or has forgotten. */
export interface RepeatHistory {
  /** Of the events with a client event id received at or after a time, the `idsMax` last received; a step once each. */
  fingerprints(
    rows: StoredRows,
    limits: { readonly from: number; readonly stepS: number; readonly idsMax: number },
  ): Promise<FingerprintStep[]>
  /** The stored events that some events could repeat within a window. May hold others. */
  clientEvents(
    rows: StoredRows,
    query: { readonly events: readonly EnrichedEvent[]; readonly windowS: number },
  ): Promise<ClientEvent[]>
}

const userIdSql = "lower(leftPad(hex(user_id), 16, '0'))"
/** The same as `fingerprintOf`. */
const fingerprintSql = `murmurHash3_32(concat(${userIdSql}, site, client_event_id))`

/** A server parses queries up to 262,144 bytes. */
const literalsLengthMax = 200_000

export class ClickHouseRepeatHistory implements RepeatHistory {
  readonly #store: Pick<Store, 'query'>
  readonly #database: string

  constructor(options: { readonly store: Pick<Store, 'query'>; readonly database: string }) {
    this.#store = options.store
    this.#database = options.database
  }

  fingerprints(
    rows: StoredRows,
    { from, stepS, idsMax }: { readonly from: number; readonly stepS: number; readonly idsMax: number },
  ): Promise<FingerprintStep[]> {
    return this.#store.query<{ step: number; fingerprints: number[] }>(
      `SELECT intDiv(received, ${stepS}) AS step, groupArray(fingerprint) AS fingerprints FROM (
         SELECT toUInt32(received_at) AS received, ${fingerprintSql} AS fingerprint FROM ${this.#database}.events
         WHERE kafka_partition = ${rows.partition} AND kafka_offset < ${rows.below}
           AND received_at >= ${timeLiteral(from)} AND client_event_id != ''
         ORDER BY received DESC LIMIT ${idsMax}
       ) GROUP BY step`,
    )
  }
  async clientEvents(
    rows: StoredRows,
    { events, windowS }: { readonly events: readonly EnrichedEvent[]; readonly windowS: number },
  ): Promise<ClientEvent[]> {
    const found: ClientEvent[] = []
    for (const { sites, userIds, clientEventIds, from, to } of wantedRows(events)) {
      const rowsOfQuery = await this.#store.query<ClientEvent>(
        `SELECT site, ${userIdSql} AS userId, client_event_id AS clientEventId, toUInt32(received_at) AS receivedAt
         FROM ${this.#database}.events
         WHERE kafka_partition = ${rows.partition} AND kafka_offset < ${rows.below}
           AND received_at >= ${timeLiteral(from - windowS)} AND received_at <= ${timeLiteral(to + windowS)}
           AND site IN (${[...sites].join(',')}) AND user_id IN (${[...userIds].join(',')})
           AND client_event_id IN (${[...clientEventIds].join(',')})`,
      )
      for (const row of rowsOfQuery) found.push(row)
    }
    return found
  }
}

interface WantedRows {
  /** Literals. */
  readonly sites: Set<string>
  readonly userIds: Set<string>
  readonly clientEventIds: Set<string>
  /** Received time of the events, Unix seconds. */
  from: number
  to: number
  length: number
}

/** What to ask for, in as many queries as their text needs. */
function* wantedRows(events: readonly EnrichedEvent[]): Generator<WantedRows> {
  let wanted = nothingWanted()
  for (const event of events) {
    addTo(wanted, event)
    if (wanted.length < literalsLengthMax) continue
    yield wanted
    wanted = nothingWanted()
  }
  if (wanted.length > 0) yield wanted
}

function nothingWanted(): WantedRows {
  return {
    sites: new Set(),
    userIds: new Set(),
    clientEventIds: new Set(),
    from: Infinity,
    to: -Infinity,
    length: 0,
  }
}

function addTo(wanted: WantedRows, event: EnrichedEvent): void {
  const add = (literals: Set<string>, literal: string): void => {
    if (literals.has(literal)) return
    literals.add(literal)
    wanted.length += Buffer.byteLength(literal) + 1
  }
  add(wanted.sites, textLiteral(event.site))
  add(wanted.userIds, idLiteral(event.userId))
  add(wanted.userIds, idLiteral(event.previousUserId))
  add(wanted.clientEventIds, textLiteral(event.clientEventId))
  wanted.from = Math.min(wanted.from, receivedSecond(event))
  wanted.to = Math.max(wanted.to, receivedSecond(event))
}
