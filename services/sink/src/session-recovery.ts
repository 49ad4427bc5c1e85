import type { Store } from '@millrace/clickhouse'
import type { StoredSession } from '@millrace/sessions'
import { sessionsOf, sessionsSince } from './session-blocks.ts'
import { idLiteral, textLiteral, timeLiteral } from './sql-literals.ts'
import type { StoredPlace } from './starting-place.ts'

/** Rows of one partition below one offset: what was stored before a range. */
export interface StoredRows {
  readonly partition: number
  readonly below: number
}

export interface VisitorQuery {
  /** 16 hex digits each. */
  readonly userIds: readonly string[]
  readonly sites: readonly string[]
  /** Unix seconds, both included. */
  readonly from: number
  readonly to: number
}

/** What `events` tells of sessions, for a fold that starts anew or has forgotten. */
export interface SessionHistory {
  /**
   * Passes on the sessions with rows from a time on, the `sessionsMax` last active ones, some at a time and in no order.
   * A rejection may come after some.
   */
  since(
    rows: StoredRows,
    limits: { readonly from: number; readonly sessionsMax: number },
    onSessions: (sessions: readonly StoredSession[]) => void,
  ): Promise<void>
  /** Sessions of some visitors with rows within a time. May hold others of the same sites. */
  ofVisitors(rows: StoredRows, query: VisitorQuery): Promise<StoredSession[]>
  /** By offset, the sessions of the events of a range that have rows; each as active as its own row says. */
  storedSessions(
    partition: number,
    range: { readonly first: number; readonly last: number },
  ): Promise<Map<number, StoredSession>>
  storedPlace(partition: number): Promise<StoredPlace>
}

/** 64-bit ids as hex and as halves: no JSON number holds them. */
const sessionColumns = `
  site,
  lower(leftPad(hex(user_id), 16, '0')) AS userId,
  toUInt32(bitShiftRight(session_id, 32)) AS start,
  toUInt32(bitAnd(session_id, 4294967295)) AS hash,
  toUInt32(max(timestamp)) AS lastActivity,
  any(referrer) AS referrer_, any(source) AS source_, any(channel) AS channel_,
  any(utm_source) AS utmSource, any(utm_medium) AS utmMedium, any(utm_campaign) AS utmCampaign,
  any(utm_content) AS utmContent, any(utm_term) AS utmTerm, any(click_id_param) AS clickIdParam,
  any(country) AS country_, any(subdivision1) AS subdivision1_, any(subdivision2) AS subdivision2_,
  any(city_geoname_id) AS cityGeonameId, any(city) AS city_, any(asn) AS asn_,
  any(browser) AS browser_, any(browser_version) AS browserVersion, any(os) AS os_, any(os_version) AS osVersion,
  any(device) AS device_, any(language) AS language_`

/** Literals instead of parameters, which travel in the URL. */
const visitorsPerQueryMax = 500

export class ClickHouseSessionHistory implements SessionHistory {
  readonly #store: Pick<Store, 'query' | 'readBlocks'>
  readonly #database: string

  constructor(options: { readonly store: Pick<Store, 'query' | 'readBlocks'>; readonly database: string }) {
    this.#store = options.store
    this.#database = options.database
  }

  async since(
    rows: StoredRows,
    limits: { readonly from: number; readonly sessionsMax: number },
    onSessions: (sessions: readonly StoredSession[]) => void,
  ): Promise<void> {
    const sql = sessionsSince(this.#database, rows, limits)
    await this.#store.readBlocks(sql, (block) => onSessions(sessionsOf(block)))
  }

  async ofVisitors(rows: StoredRows, query: VisitorQuery): Promise<StoredSession[]> {
    const sessions: StoredSession[] = []
    for (let at = 0; at < query.userIds.length; at += visitorsPerQueryMax) {
      const userIds = query.userIds.slice(at, at + visitorsPerQueryMax).map(idLiteral)
      for (let siteAt = 0; siteAt < query.sites.length; siteAt += visitorsPerQueryMax) {
        const sites = query.sites.slice(siteAt, siteAt + visitorsPerQueryMax).map(textLiteral)
        const found = await this.#store.query<SessionRow>(
          `SELECT ${sessionColumns} FROM ${this.#database}.events
           WHERE kafka_partition = ${rows.partition} AND kafka_offset < ${rows.below}
             AND timestamp >= ${timeLiteral(query.from)} AND timestamp <= ${timeLiteral(query.to)}
             AND site IN (${sites.join(',')}) AND user_id IN (${userIds.join(',')})
           GROUP BY site, user_id, session_id`,
        )
        for (const row of found) sessions.push(storedSession(row))
      }
    }
    return sessions
  }

  async storedSessions(
    partition: number,
    { first, last }: { readonly first: number; readonly last: number },
  ): Promise<Map<number, StoredSession>> {
    const found = await this.#store.query<SessionRow & { readonly offset: string }>(
      `SELECT kafka_offset AS offset, ${sessionColumns} FROM ${this.#database}.events
       WHERE kafka_partition = ${partition} AND kafka_offset BETWEEN ${first} AND ${last}
       GROUP BY offset, site, user_id, session_id`,
    )
    return new Map(found.map((row) => [Number(row.offset), storedSession(row)]))
  }

  async storedPlace(partition: number): Promise<StoredPlace> {
    const [place] = await this.#store.query<{ offset: string; raw: string }>(
      `SELECT max(last_offset) AS offset, max(last_raw) AS raw FROM (
         SELECT toInt64(max(kafka_offset)) AS last_offset, toInt64(max(raw_offset)) AS last_raw, count() AS found
         FROM ${this.#database}.events WHERE kafka_partition = ${partition}
         UNION ALL
         SELECT toInt64(max(kafka_offset)), toInt64(max(raw_offset)), count()
         FROM ${this.#database}.dropped_events WHERE kafka_partition = ${partition}
         UNION ALL
         SELECT -1, -1, 1
       ) WHERE found > 0`,
    )
    return { offset: Number(place?.offset ?? -1), raw: Number(place?.raw ?? -1) }
  }
}

/** Aliases that are also column names end in `_`: ClickHouse would take them for the columns inside the query. */
type SessionRow = Omit<StoredSession, 'firstTouch'> & Record<string, unknown>

function storedSession(row: SessionRow): StoredSession {
  const text = (name: string): string => row[name] as string
  return {
    site: row.site,
    userId: row.userId,
    start: row.start,
    hash: row.hash,
    lastActivity: row.lastActivity,
    firstTouch: {
      referrer: text('referrer_'),
      source: text('source_'),
      channel: text('channel_'),
      utmSource: text('utmSource'),
      utmMedium: text('utmMedium'),
      utmCampaign: text('utmCampaign'),
      utmContent: text('utmContent'),
      utmTerm: text('utmTerm'),
      clickIdParam: text('clickIdParam'),
      country: text('country_'),
      subdivision1: text('subdivision1_'),
      subdivision2: text('subdivision2_'),
      cityGeonameId: row.cityGeonameId as number,
      city: text('city_'),
      asn: row.asn_ as number,
      browser: text('browser_'),
      browserVersion: text('browserVersion'),
      os: text('os_'),
      osVersion: text('osVersion'),
      device: text('device_'),
      language: text('language_'),
    },
  }
}
