/** A question that analysts ask, as the README's cookbook and the benchmark ask it. */
export interface Question {
  /** Short, as a row of the report. */
  readonly name: string
  /** What the answer tells, a sentence without its full stop. */
  readonly asks: string
  /** With `{site:String}`, `{from:DateTime}` and `{to:DateTime}`; to is no more in it. */
  readonly sql: string
  /** True: of visitors who came with an id, so it is asked of sites that have them. */
  readonly isOfKnownVisitors?: boolean
}

/** The one place where the SQL is written; a test holds the README to it, word by word. */
export const questions: readonly Question[] = [
  {
    name: 'days',
    asks: 'Visitors, visits, page views, bounce rate and duration by day',
    sql: `SELECT toDate(start) AS day, uniq(user_id) AS visitors, count() AS visits, sum(pageviews) AS views,
       round(100 * avg(is_bounce), 1) AS bounce_percent, round(avg(duration)) AS seconds
FROM sessions
WHERE site = {site:String} AND start >= {from:DateTime} AND start < {to:DateTime}
GROUP BY day
ORDER BY day`,
  },
  {
    name: 'hours',
    asks: 'Visitors and page views by hour',
    sql: `SELECT toStartOfHour(timestamp) AS hour, uniq(user_id) AS visitors, countIf(name = 'pageview') AS views
FROM events
WHERE site = {site:String} AND timestamp >= {from:DateTime} AND timestamp < {to:DateTime}
GROUP BY hour
ORDER BY hour`,
  },
  {
    name: 'live',
    asks: 'Visitors in the last five minutes, and the pages with most events',
    sql: `SELECT uniq(user_id) AS visitors, topK(3)(pathname) AS pages
FROM events
WHERE site = {site:String} AND timestamp >= {to:DateTime} - INTERVAL 5 MINUTE AND timestamp < {to:DateTime}`,
  },
  {
    name: 'pages',
    asks: 'Top pages',
    sql: `SELECT pathname, count() AS views, uniq(user_id) AS visitors
FROM events
WHERE site = {site:String} AND timestamp >= {from:DateTime} AND timestamp < {to:DateTime} AND name = 'pageview'
GROUP BY pathname
ORDER BY views DESC, pathname
LIMIT 10`,
  },
  {
    name: 'reading',
    asks: 'How long pages are read, and how far',
    sql: `SELECT pathname, round(sum(engagement_ms) / uniq(session_id) / 1000) AS seconds_a_visit,
       round(avgIf(scroll_depth, scroll_depth <= 100)) AS scroll_percent
FROM events
WHERE site = {site:String} AND timestamp >= {from:DateTime} AND timestamp < {to:DateTime} AND name = 'engagement'
GROUP BY pathname
ORDER BY sum(engagement_ms) DESC, pathname
LIMIT 10`,
  },
  {
    name: 'entries',
    asks: 'Where visits begin, and how many of them end there at once',
    sql: `SELECT entry_page, count() AS visits, round(100 * avg(is_bounce), 1) AS bounce_percent
FROM sessions
WHERE site = {site:String} AND start >= {from:DateTime} AND start < {to:DateTime} AND pageviews > 0
GROUP BY entry_page
ORDER BY visits DESC, entry_page
LIMIT 10`,
  },
  {
    name: 'exits',
    asks: 'Where visits end',
    sql: `SELECT exit_page, count() AS visits
FROM sessions
WHERE site = {site:String} AND start >= {from:DateTime} AND start < {to:DateTime} AND pageviews > 0
GROUP BY exit_page
ORDER BY visits DESC, exit_page
LIMIT 10`,
  },
  {
    name: 'sources',
    asks: 'Where visits come from',
    sql: `SELECT channel, source, uniq(user_id) AS visitors, count() AS visits,
       round(100 * avg(is_bounce), 1) AS bounce_percent
FROM sessions
WHERE site = {site:String} AND start >= {from:DateTime} AND start < {to:DateTime}
GROUP BY channel, source
ORDER BY visits DESC, channel, source
LIMIT 10`,
  },
  {
    name: 'campaigns',
    asks: 'What campaigns bring',
    sql: `SELECT utm_campaign, utm_source, utm_medium, count() AS visits, sum(revenue) AS revenue
FROM sessions
WHERE site = {site:String} AND start >= {from:DateTime} AND start < {to:DateTime} AND utm_campaign != ''
GROUP BY utm_campaign, utm_source, utm_medium
ORDER BY visits DESC, utm_campaign, utm_source, utm_medium
LIMIT 10`,
  },
  {
    name: 'countries',
    asks: 'Which countries visitors are in',
    sql: `SELECT country, uniq(user_id) AS visitors, count() AS visits
FROM sessions
WHERE site = {site:String} AND start >= {from:DateTime} AND start < {to:DateTime}
GROUP BY country
ORDER BY visits DESC, country
LIMIT 10`,
  },
  {
    name: 'browsers',
    asks: 'Which devices and browsers they use',
    sql: `SELECT device, browser, count() AS visits
FROM sessions
WHERE site = {site:String} AND start >= {from:DateTime} AND start < {to:DateTime}
GROUP BY device, browser
ORDER BY visits DESC, device, browser
LIMIT 10`,
  },
  {
    name: 'property',
    asks: 'An event by one of its properties',
    sql: `SELECT props['plan'] AS plan, count() AS purchases, uniq(user_id) AS visitors, sum(revenue) AS amount, currency
FROM events
WHERE site = {site:String} AND timestamp >= {from:DateTime} AND timestamp < {to:DateTime}
  AND name = 'Purchase' AND mapContains(props, 'plan')
GROUP BY plan, currency
ORDER BY purchases DESC, plan, currency`,
  },
  {
    name: 'conversions',
    asks: 'How many visits of each source convert; every event carries the source of its visit, so nothing is joined',
    sql: `SELECT source, uniqExact(session_id) AS visits, uniqExactIf(session_id, name = 'Purchase') AS converted,
       round(100 * converted / visits, 2) AS percent
FROM events
WHERE site = {site:String} AND timestamp >= {from:DateTime} AND timestamp < {to:DateTime}
GROUP BY source
ORDER BY visits DESC, source
LIMIT 10`,
  },
  {
    name: 'funnel',
    asks: 'A funnel within a day: how many visitors came how far',
    sql: `SELECT level, count() AS visitors
FROM (
  SELECT user_id, windowFunnel(86400)(timestamp, name = 'pageview' AND pathname = '/',
    name = 'pageview' AND pathname = '/pricing', name = 'Signup') AS level
  FROM events
  WHERE site = {site:String} AND timestamp >= {from:DateTime} AND timestamp < {to:DateTime}
    AND name IN ('pageview', 'Signup')
  GROUP BY user_id)
GROUP BY level
ORDER BY level`,
  },
  {
    name: 'retention',
    asks: 'Of the visitors who came with an id: how many of each week come back in the weeks after',
    sql: `SELECT first_week, week, uniqExact(visitor_id) AS visitors
FROM (
  SELECT visitor_id, arrayJoin(groupUniqArray(toMonday(start))) AS monday,
         min(toMonday(start)) AS first_week, dateDiff('week', first_week, monday) AS week
  FROM sessions
  WHERE site = {site:String} AND start >= {from:DateTime} AND start < {to:DateTime} AND visitor_id != ''
  GROUP BY visitor_id)
GROUP BY first_week, week
ORDER BY first_week, week`,
    isOfKnownVisitors: true,
  },
]
