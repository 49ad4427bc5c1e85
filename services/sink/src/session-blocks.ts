import type { ResultBlock } from '@millrace/clickhouse'
import { firstTouchColumns, type FirstTouch, type StoredSession } from '@millrace/sessions'
import { sessionIdLiteral, timeLiteral } from './sql-literals.ts'

/** Above it, grouping goes to the server's disk. */
const groupBytesMax = 256 * 1024 * 1024

/** `utmSource` is `utm_source` in the table. */
const columnOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/**
 * Sessions with rows from a time on, the `sessionsMax` last active ones, in no order. Only what is needed to find their
 * newest rows is grouped; the other columns are read from those rows as they are, with the dictionaries of the table.
 *
 * The newest row of such a session may be of an event that came late and happened before that time. It lies behind the
 * first row since then of a session that began before, or up to a gap after: those few are read beside. (A session that
 * begins later has no row that old, and a wrong clock in the future does not widen what is read.) Two SELECTs, because with
 * OR neither of the two skip indexes would be used.
 */
export function sessionsSince(
  database: string,
  rows: { readonly partition: number; readonly below: number },
  limits: { readonly from: number; readonly sessionsMax: number; readonly inactivityGapS: number },
): string {
  const { from, sessionsMax, inactivityGapS } = limits
  const place = `kafka_partition = ${rows.partition} AND kafka_offset < ${rows.below}`
  const since = `${place} AND timestamp >= ${timeLiteral(from)}`
  const isOld = `session_id < ${sessionIdLiteral(from + inactivityGapS)}`
  const late = `${place} AND timestamp < ${timeLiteral(from)} AND ${isOld}
    AND kafka_offset > (SELECT minOrNull(kafka_offset) FROM ${database}.events WHERE ${since} AND ${isOld})`
  const both = (columns: string): string => `
    SELECT ${columns} FROM ${database}.events WHERE ${since}
    UNION ALL
    SELECT ${columns} FROM ${database}.events WHERE ${late}`
  const touch = firstTouchColumns.map(columnOf).join(', ')
  return `
    SELECT
      site,
      lower(leftPad(hex(user_id), 16, '0')) AS userId,
      toUInt32(bitShiftRight(session_id, 32)) AS start,
      toUInt32(bitAnd(session_id, 4294967295)) AS hash,
      toUInt32(last_activity) AS lastActivity,
      ${touch}
    FROM (${both(`site, user_id, session_id, kafka_offset, ${touch}`)}) AS found
    ANY INNER JOIN (
      SELECT max(kafka_offset) AS last_offset, max(timestamp) AS last_activity
      FROM (${both('site, user_id, session_id, kafka_offset, timestamp')})
      GROUP BY site, user_id, session_id
      HAVING last_activity >= ${timeLiteral(from)}
      ORDER BY last_activity DESC
      LIMIT ${sessionsMax}
    ) AS sessions ON kafka_offset = last_offset
    SETTINGS max_bytes_before_external_group_by = ${groupBytesMax}`
}

/** Written out: it runs for a million sessions at the start of a large sink. */
export function sessionsOf(block: ResultBlock): StoredSession[] {
  const [site, userId] = [block.texts('site'), block.texts('userId')]
  const [start, hash] = [block.numbers('start'), block.numbers('hash')]
  const lastActivity = block.numbers('lastActivity')
  const firstTouchAt = firstTouches(block)
  return Array.from({ length: block.rows }, (_, row) => ({
    site: site[row] ?? '',
    userId: userId[row] ?? '',
    start: start[row] ?? 0,
    hash: hash[row] ?? 0,
    lastActivity: lastActivity[row] ?? 0,
    firstTouch: firstTouchAt(row),
  }))
}

function firstTouches(block: ResultBlock): (row: number) => FirstTouch {
  const referrer = block.texts('referrer')
  const source = block.texts('source')
  const channel = block.texts('channel')
  const utmSource = block.texts('utm_source')
  const utmMedium = block.texts('utm_medium')
  const utmCampaign = block.texts('utm_campaign')
  const utmContent = block.texts('utm_content')
  const utmTerm = block.texts('utm_term')
  const clickIdParam = block.texts('click_id_param')
  const country = block.texts('country')
  const subdivision1 = block.texts('subdivision1')
  const subdivision2 = block.texts('subdivision2')
  const cityGeonameId = block.numbers('city_geoname_id')
  const city = block.texts('city')
  const asn = block.numbers('asn')
  const browser = block.texts('browser')
  const browserVersion = block.texts('browser_version')
  const os = block.texts('os')
  const osVersion = block.texts('os_version')
  const device = block.texts('device')
  const language = block.texts('language')
  return (row) => ({
    referrer: referrer[row] ?? '',
    source: source[row] ?? '',
    channel: channel[row] ?? '',
    utmSource: utmSource[row] ?? '',
    utmMedium: utmMedium[row] ?? '',
    utmCampaign: utmCampaign[row] ?? '',
    utmContent: utmContent[row] ?? '',
    utmTerm: utmTerm[row] ?? '',
    clickIdParam: clickIdParam[row] ?? '',
    country: country[row] ?? '',
    subdivision1: subdivision1[row] ?? '',
    subdivision2: subdivision2[row] ?? '',
    cityGeonameId: cityGeonameId[row] ?? 0,
    city: city[row] ?? '',
    asn: asn[row] ?? 0,
    browser: browser[row] ?? '',
    browserVersion: browserVersion[row] ?? '',
    os: os[row] ?? '',
    osVersion: osVersion[row] ?? '',
    device: device[row] ?? '',
    language: language[row] ?? '',
  })
}
