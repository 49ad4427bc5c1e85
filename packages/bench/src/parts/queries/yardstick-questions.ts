import type { Question } from './questions.ts'

/** Copy of the columns that the yardsticks need, sorted by time alone, as a log would be. */
export const byTimeTable = 'bench_by_time'

export const makeByTimeTable: readonly string[] = [
  `CREATE TABLE ${byTimeTable} (site LowCardinality(String), name LowCardinality(String),
     timestamp DateTime('UTC') CODEC(Delta(4), ZSTD(1)), user_id UInt64, pathname LowCardinality(String))
   ENGINE = MergeTree PARTITION BY toYYYYMM(timestamp) ORDER BY timestamp SETTINGS default_compression_codec = 'ZSTD(1)'`,
  `INSERT INTO ${byTimeTable} SELECT site, name, timestamp, user_id, pathname FROM events`,
]

/** The same questions asked without what Millrace adds; named after the question that they are held to. */
export const yardstickQuestions: readonly (Question & { readonly of: string })[] = [
  {
    of: 'days',
    name: 'days, of events by session_id',
    asks: 'the same without `sessions`',
    sql: `SELECT toDate(start) AS day, uniq(user_id) AS visitors, count() AS visits, sum(views) AS views,
       round(100 * avg(is_bounce), 1) AS bounce_percent, round(avg(duration)) AS seconds
FROM (
  SELECT any(user_id) AS user_id, toDateTime(bitShiftRight(session_id, 32), 'UTC') AS start,
         countIf(name = 'pageview') AS views,
         max(if(name = 'engagement', toDateTime(0, 'UTC'), timestamp))
           - min(if(name = 'engagement', toDateTime(4294967295, 'UTC'), timestamp)) AS duration,
         views <= 1 AND countIf(name NOT IN ('pageview', 'engagement') AND interactive = 1) = 0 AS is_bounce
  FROM events
  WHERE site = {site:String} AND timestamp >= {from:DateTime} AND timestamp < {to:DateTime}
  GROUP BY session_id)
GROUP BY day
ORDER BY day`,
  },
  {
    of: 'days',
    name: 'days, of events by window functions',
    asks: 'the same without sessions at all',
    sql: `SELECT toDate(start) AS day, uniq(user_id) AS visitors, count() AS visits, sum(views) AS views,
       round(100 * avg(is_bounce), 1) AS bounce_percent, round(avg(duration)) AS seconds
FROM (
  SELECT user_id, min(timestamp) AS start, countIf(name = 'pageview') AS views,
         max(if(name = 'engagement', toDateTime(0, 'UTC'), timestamp))
           - min(if(name = 'engagement', toDateTime(4294967295, 'UTC'), timestamp)) AS duration,
         views <= 1 AND countIf(name NOT IN ('pageview', 'engagement') AND interactive = 1) = 0 AS is_bounce
  FROM (
    SELECT user_id, timestamp, name, interactive,
           sum(is_first) OVER (PARTITION BY user_id ORDER BY timestamp ROWS UNBOUNDED PRECEDING) AS visit
    FROM (
      SELECT user_id, timestamp, name, interactive,
             timestamp - lagInFrame(timestamp, 1, toDateTime(0, 'UTC'))
               OVER (PARTITION BY user_id ORDER BY timestamp ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) > 1800 AS is_first
      FROM events
      WHERE site = {site:String} AND timestamp >= {from:DateTime} AND timestamp < {to:DateTime}))
  GROUP BY user_id, visit)
GROUP BY day
ORDER BY day`,
  },
  {
    of: 'pages',
    name: 'pages, of a table sorted by time alone',
    asks: 'the same without the sorting key',
    sql: `SELECT pathname, count() AS views, uniq(user_id) AS visitors
FROM ${byTimeTable}
WHERE site = {site:String} AND timestamp >= {from:DateTime} AND timestamp < {to:DateTime} AND name = 'pageview'
GROUP BY pathname
ORDER BY views DESC, pathname
LIMIT 10`,
  },
  {
    of: 'live',
    name: 'live, of a table sorted by time alone',
    asks: 'the same without the sorting key',
    sql: `SELECT uniq(user_id) AS visitors, topK(3)(pathname) AS pages
FROM ${byTimeTable}
WHERE site = {site:String} AND timestamp >= {to:DateTime} - INTERVAL 5 MINUTE AND timestamp < {to:DateTime}`,
  },
]
