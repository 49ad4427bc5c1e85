import { askAsAnalyst } from '../pipeline-process.ts'

export interface EventRow {
  readonly id: string
  readonly prop: string
  readonly site: string
  readonly name: string
  /** Unix seconds. */
  readonly timestamp: number
  readonly userId: string
  readonly sessionId: string
  readonly utmSource: string
  readonly partition: number
  readonly kafkaOffset: number
  readonly rawOffset: number
}

export interface DropRow {
  readonly id: string
  readonly site: string
  readonly timestamp: number
  readonly reason: string
  readonly partition: number
  readonly kafkaOffset: number
  readonly rawOffset: number
}

export interface SessionRow {
  readonly site: string
  readonly sessionId: string
  readonly userId: string
  readonly start: number
  readonly lastActivity: number
  readonly duration: number
  readonly pageviews: number
  readonly events: number
  readonly isBounce: number
  readonly entryPage: string
  readonly exitPage: string
  readonly engagementMs: number
  readonly utmSource: string
}

/** What ClickHouse holds of some sites. */
export interface StoredRows {
  readonly events: readonly EventRow[]
  readonly drops: readonly DropRow[]
  readonly sessions: readonly SessionRow[]
  /** One line for each book that does not balance. */
  readonly audit: readonly string[]
}

/** Offsets and times are far below 2^53; ids stay text. */
const place = `toUInt32(kafka_partition) AS partition, toFloat64(kafka_offset) AS kafkaOffset, toFloat64(raw_offset) AS rawOffset`

export async function readStoredRows(url: string, sites: readonly string[]): Promise<StoredRows> {
  const where = `WHERE site IN (${sites.map((site) => `'${site}'`).join(', ')})`
  return {
    events: await askAsAnalyst<EventRow>(
      url,
      `SELECT pathname AS id, props['event'] AS prop, site, name, toUnixTimestamp(events.timestamp) AS timestamp,
         user_id AS userId, session_id AS sessionId, utm_source AS utmSource, ${place}
       FROM events ${where}`,
    ),
    drops: await askAsAnalyst<DropRow>(
      url,
      `SELECT pathname AS id, site, toUnixTimestamp(dropped_events.timestamp) AS timestamp, reason, ${place}
       FROM dropped_events ${where}`,
    ),
    sessions: await askAsAnalyst<SessionRow>(
      url,
      `SELECT site, session_id AS sessionId, user_id AS userId, toUnixTimestamp(sessions.start) AS start,
         toUnixTimestamp(last_activity) AS lastActivity, duration, pageviews, events, is_bounce AS isBounce,
         entry_page AS entryPage, exit_page AS exitPage, toFloat64(engagement_ms) AS engagementMs,
         utm_source AS utmSource
       FROM sessions ${where}`,
    ),
    ...(await readAudit(url)),
  }
}

/** The standing audit, the books, and dead letters: no event of the suite is bad data. */
async function readAudit(url: string): Promise<Pick<StoredRows, 'audit'>> {
  const unbalanced = await askAsAnalyst(
    url,
    'SELECT * FROM delivery_audit WHERE gaps != 0 OR duplicates != 0 OR raw_duplicates != 0',
  )
  const missing = await askAsAnalyst(url, 'SELECT * FROM missing_events')
  const letters = await askAsAnalyst(
    url,
    'SELECT stage, cause, topic, kafka_partition, kafka_offset FROM dead_letters FINAL LIMIT 20',
  )
  return {
    audit: [
      ...unbalanced.map((row) => `delivery_audit: ${JSON.stringify(row)}`),
      ...missing.map((row) => `missing_events: ${JSON.stringify(row)}`),
      ...letters.map((row) => `dead letter: ${JSON.stringify(row)}`),
    ],
  }
}

/** Places in the raw log, `partition-offset`, of all that is stored. */
export async function readStoredPlaces(url: string): Promise<Set<string>> {
  const select = (table: string) =>
    `SELECT concat(toString(kafka_partition), '-', toString(raw_offset)) AS place FROM ${table}`
  const rows = await askAsAnalyst<{ place: string }>(
    url,
    `${select('events')} UNION ALL ${select('dropped_events')}`,
  )
  return new Set(rows.map(({ place }) => place))
}

/** The books of a site: sums over its minutes. */
export interface SiteBooks {
  readonly site: string
  readonly accepted: number
  readonly inserted: number
  readonly dropped: number
  readonly repeats: number
  readonly deadLetters: number
  readonly inFlight: number
  readonly missing: number
  readonly surplus: number
}

export async function readBooks(url: string): Promise<SiteBooks[]> {
  return askAsAnalyst<SiteBooks>(
    url,
    `SELECT site, toFloat64(sum(books.accepted)) AS accepted, toFloat64(sum(books.inserted)) AS inserted,
       toFloat64(sum(arraySum(mapValues(books.dropped)))) AS dropped, toFloat64(sum(books.repeats)) AS repeats,
       toFloat64(sum(dead_letters)) AS deadLetters, toFloat64(sum(in_flight)) AS inFlight,
       toFloat64(sum(books.missing)) AS missing, toFloat64(sum(books.surplus)) AS surplus
     FROM books GROUP BY site`,
  )
}

/** Ids of the events that ClickHouse has, as rows of `events` or as drops. */
export async function readStoredIds(url: string, sites: readonly string[]): Promise<Set<string>> {
  const where = `WHERE site IN (${sites.map((site) => `'${site}'`).join(', ')})`
  const rows = await askAsAnalyst<{ id: string }>(
    url,
    `SELECT toString(pathname) AS id FROM events ${where}
     UNION ALL SELECT pathname AS id FROM dropped_events ${where} AND reason != 'repeat'`,
  )
  return new Set(rows.map(({ id }) => id))
}
