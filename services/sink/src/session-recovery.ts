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
  /** Sessions of some visitors with rows within a time, as all their rows tell. May hold others of the same sites. */
  ofVisitors(rows: StoredRows, query: VisitorQuery): Promise<StoredSession[]>
  /** By offset, the sessions of the events of a range that have rows; each as active as its own row says. */
  storedSessions(
    partition: number,
    range: { readonly first: number; readonly last: number },
  ): Promise<Map<number, StoredSession>>
  storedPlace(partition: number): Promise<StoredPlace>
}

/** 64-bit ids as hex and as halves: no JSON number holds them. Device and place are those of the newest row. */
const sessionColumns = `
  site,
  lower(leftPad(hex(user_id), 16, '0')) AS userId,
  toUInt32(bitShiftRight(session_id, 32)) AS start,
  toUInt32(bitAnd(session_id, 4294967295)) AS hash,
  toUInt32(max(timestamp)) AS lastActivity,
  any(referrer) AS referrer_, any(source) AS source_, any(channel) AS channel_,
  any(utm_source) AS utmSource, any(utm_medium) AS utmMedium, any(utm_campaign) AS utmCampaign,
  any(utm_content) AS utmContent, any(utm_term) AS utmTerm, any(click_id_param) AS clickIdParam,
  any(asn) AS asn_, ${newest('country')} AS country_, ${newest('subdivision1')} AS subdivision1_,
  ${newest('subdivision2')} AS subdivision2_, ${newest('city_geoname_id')} AS cityGeonameId, ${newest('city')} AS city_,
  ${newest('browser')} AS browser_, ${newest('browser_version')} AS browserVersion,
  ${newest('os')} AS os_, ${newest('os_version')} AS osVersion,
  ${newest('device')} AS device_, ${newest('language')} AS language_`

function newest(column: string): string {
  return `argMax(${column}, kafka_offset)`
}

/** Literals instead of parameters, which travel in the URL; together below ClickHouse's usual `max_query_size` of 256 KiB. */
const visitorsPerQueryMax = 8_000
const siteBytesPerQueryMax = 65_536

export class ClickHouseSessionHistory implements SessionHistory {
  readonly #store: Pick<Store, 'query' | 'readBlocks'>
  readonly #database: string
  readonly #inactivityGapS: number

  /** @param options.inactivityGapS by which the stored rows were put into sessions */
  constructor(options: {
    readonly store: Pick<Store, 'query' | 'readBlocks'>
    readonly database: string
    readonly inactivityGapS: number
  }) {
    this.#store = options.store
    this.#database = options.database
    this.#inactivityGapS = options.inactivityGapS
  }

  async since(
    rows: StoredRows,
    limits: { readonly from: number; readonly sessionsMax: number },
    onSessions: (sessions: readonly StoredSession[]) => void,
  ): Promise<void> {
    const inactivityGapS = this.#inactivityGapS
    const sql = sessionsSince(this.#database, rows, { ...limits, inactivityGapS })
    await this.#store.readBlocks(sql, (block) => onSessions(sessionsOf(block)))
  }

  async ofVisitors(rows: StoredRows, query: VisitorQuery): Promise<StoredSession[]> {
    const found: StoredSession[][] = []
    for (let at = 0; at < query.userIds.length; at += visitorsPerQueryMax) {
      const userIds = query.userIds.slice(at, at + visitorsPerQueryMax)
      for (const sites of siteLists(query.sites))
        found.push(await this.#wholeSessions(rows, { ...query, userIds, sites }))
    }
    return found.flat()
  }

  /**
   * No row of a session is further than the gap from the rest of it. So when no session that was found reaches to the ends
   * of the time that was read, they are whole, and the newest row of each was among what was read; else more is read.
   */
  async #wholeSessions(
    rows: StoredRows,
    query: Omit<VisitorQuery, 'sites'> & { readonly sites: string },
  ): Promise<StoredSession[]> {
    const gapS = this.#inactivityGapS
    let [from, to] = [query.from - 2 * gapS, query.to + 2 * gapS]
    for (;;) {
      const found = await this.#store.query<SessionRow>(
        `SELECT ${sessionColumns} FROM ${this.#database}.events
         WHERE kafka_partition = ${rows.partition} AND kafka_offset < ${rows.below}
           AND timestamp >= ${timeLiteral(from)} AND timestamp <= ${timeLiteral(to)}
           AND site IN (${query.sites})
           AND user_id IN (${query.userIds.map(idLiteral).join(',')})
         GROUP BY site, user_id, session_id
         HAVING countIf(timestamp >= ${timeLiteral(query.from)} AND timestamp <= ${timeLiteral(query.to)}) > 0`,
      )
      const sessions = found.map(storedSession)
      const earliest = sessions.reduce((least, { start }) => Math.min(least, start), Infinity) - gapS
      const latest =
        sessions.reduce((most, { lastActivity }) => Math.max(most, lastActivity), -Infinity) + gapS
      if (earliest >= from && latest <= to) return sessions
      // Doubled, so that a session of days costs few questions.
      const widthS = to - from
      from = earliest < from ? Math.min(earliest, from - widthS) : from
      to = latest > to ? to + widthS : to
    }
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

/** As lists of literals, none too long for a query. */
function siteLists(sites: readonly string[]): string[] {
  const lists: string[][] = []
  let bytes = Infinity
  for (const literal of sites.map(textLiteral)) {
    const more = Buffer.byteLength(literal) + 1
    if (bytes + more > siteBytesPerQueryMax) {
      lists.push([])
      bytes = 0
    }
    lists.at(-1)?.push(literal)
    bytes += more
  }
  return lists.map((list) => list.join(','))
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
