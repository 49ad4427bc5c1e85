import type { EventRow } from '@millrace/clickhouse'

/** A cell of an answer; numbers are not rounded. */
export type Cell = string | number
export type AnswerRow = Readonly<Record<string, Cell>>

/** The site and the span that is asked for, Unix seconds; to is no more in it. */
export interface Asked {
  readonly site: string
  readonly from: number
  readonly to: number
}

interface Visit {
  readonly rows: readonly EventRow[]
  readonly first: EventRow
  readonly views: readonly EventRow[]
  readonly isBounce: boolean
  readonly duration: number
}

/** The questions answered from rows in memory in the plainest way: what SQL must say, by the question's name. */
export const referenceAnswers: Readonly<
  Record<string, (all: readonly EventRow[], asked: Asked) => AnswerRow[]>
> = {
  days: (all, asked) =>
    grouped(visitsOf(all, asked), ({ first }) => dayOf(first.sessionStart))
      .map(([day, visits]) => ({
        day,
        visitors: distinct(visits, ({ first }) => first.userId),
        visits: visits.length,
        views: sum(visits, ({ views }) => views.length),
        bounce_percent: bouncePercent(visits),
        seconds: sum(visits, ({ duration }) => duration) / visits.length,
      }))
      .toSorted(by('day')),
  hours: (all, asked) =>
    grouped(rowsOf(all, asked), ({ timestamp }) => clockOf(timestamp - (timestamp % 3_600)))
      .map(([hour, rows]) => ({ hour, visitors: visitorsIn(rows), views: viewsIn(rows).length }))
      .toSorted(by('hour')),
  live: (all, asked) => {
    const rows = rowsOf(all, { ...asked, from: asked.to - 300 })
    return [{ visitors: visitorsIn(rows) }]
  },
  pages: (all, asked) =>
    grouped(viewsIn(rowsOf(all, asked)), ({ pathname }) => pathname)
      .map(([pathname, rows]) => ({ pathname, views: rows.length, visitors: visitorsIn(rows) }))
      .toSorted(by('-views', 'pathname'))
      .slice(0, 10),
  reading: (all, asked) =>
    grouped(
      rowsOf(all, asked).filter(({ name }) => name === 'engagement'),
      ({ pathname }) => pathname,
    )
      .map(([pathname, rows]) => ({ pathname, rows, ms: sum(rows, ({ engagementMs }) => engagementMs) }))
      .toSorted((one, other) => other.ms - one.ms)
      .map(({ pathname, rows, ms }) => {
        const depths = rows.map(({ scrollDepth }) => scrollDepth).filter((depth) => depth <= 100)
        return {
          pathname,
          seconds_a_visit: ms / distinct(rows, keyOf) / 1_000,
          scroll_percent: sum(depths, (depth) => depth) / depths.length,
        }
      })
      .slice(0, 10),
  entries: (all, asked) =>
    grouped(seen(all, asked), ({ views }) => views[0]?.pathname ?? '')
      .map(([entry_page, visits]) => ({
        entry_page,
        visits: visits.length,
        bounce_percent: bouncePercent(visits),
      }))
      .toSorted(by('-visits', 'entry_page'))
      .slice(0, 10),
  exits: (all, asked) =>
    grouped(seen(all, asked), ({ views }) => views.at(-1)?.pathname ?? '')
      .map(([exit_page, visits]) => ({ exit_page, visits: visits.length }))
      .toSorted(by('-visits', 'exit_page'))
      .slice(0, 10),
  sources: (all, asked) =>
    grouped(visitsOf(all, asked), ({ first }) => `${first.channel}|${first.source}`)
      .map(([key, visits]) => ({
        ...named(key, 'channel', 'source'),
        visitors: distinct(visits, ({ first }) => first.userId),
        visits: visits.length,
        bounce_percent: bouncePercent(visits),
      }))
      .toSorted(by('-visits', 'channel', 'source'))
      .slice(0, 10),
  campaigns: (all, asked) =>
    grouped(
      visitsOf(all, asked).filter(({ first }) => first.utmCampaign !== ''),
      ({ first }) => `${first.utmCampaign}|${first.utmSource}|${first.utmMedium}`,
    )
      .map(([key, visits]) => ({
        ...named(key, 'utm_campaign', 'utm_source', 'utm_medium'),
        visits: visits.length,
        revenue: sum(
          visits.flatMap(({ rows }) => rows),
          ({ revenue }) => Number(revenue),
        ),
      }))
      .toSorted(by('-visits', 'utm_campaign', 'utm_source', 'utm_medium'))
      .slice(0, 10),
  countries: (all, asked) =>
    grouped(visitsOf(all, asked), ({ first }) => first.country)
      .map(([country, visits]) => ({
        country,
        visitors: distinct(visits, ({ first }) => first.userId),
        visits: visits.length,
      }))
      .toSorted(by('-visits', 'country'))
      .slice(0, 10),
  browsers: (all, asked) =>
    grouped(visitsOf(all, asked), ({ first }) => `${first.device}|${first.browser}`)
      .map(([key, visits]) => ({ ...named(key, 'device', 'browser'), visits: visits.length }))
      .toSorted(by('-visits', 'device', 'browser'))
      .slice(0, 10),
  property: (all, asked) =>
    grouped(
      rowsOf(all, asked).filter(({ name, props }) => name === 'Purchase' && propOf(props, 'plan') !== ''),
      ({ props, currency }) => `${propOf(props, 'plan')}|${currency}`,
    )
      .map(([key, rows]) => ({
        ...named(key, 'plan', 'currency'),
        purchases: rows.length,
        visitors: visitorsIn(rows),
        amount: sum(rows, ({ revenue }) => Number(revenue)),
      }))
      .toSorted(by('-purchases', 'plan', 'currency')),
  conversions: (all, asked) =>
    grouped(rowsOf(all, asked), ({ source }) => source)
      .map(([source, rows]) => {
        const visits = distinct(rows, keyOf)
        const converted = distinct(
          rows.filter(({ name }) => name === 'Purchase'),
          keyOf,
        )
        return { source, visits, converted, percent: (100 * converted) / visits }
      })
      .toSorted(by('-visits', 'source'))
      .slice(0, 10),
  funnel: (all, asked) =>
    grouped(
      grouped(
        rowsOf(all, asked).filter(({ name }) => name === 'pageview' || name === 'Signup'),
        ({ userId }) => userId,
      ),
      ([, rows]) => String(levelOf(rows)),
    )
      .map(([level, visitors]) => ({ level: Number(level), visitors: visitors.length }))
      .toSorted(by('level')),
  retention: (all, asked) => {
    const held = visitsOf(all, asked).filter(({ first }) => first.visitorId !== '')
    const pairs = grouped(held, ({ first }) => first.visitorId).flatMap(([, visits]) => {
      const mondays = new Set(visits.map(({ first }) => mondayOf(first.sessionStart)))
      const firstWeek = Math.min(...mondays)
      return [...mondays].map((monday) => `${dayOf(firstWeek)}|${(monday - firstWeek) / (7 * 86_400)}`)
    })
    return grouped(pairs, (pair) => pair)
      .map(([pair, visitors]) => {
        const { first_week = '', week } = named(pair, 'first_week', 'week')
        return { first_week, week: Number(week), visitors: visitors.length }
      })
      .toSorted(by('first_week', 'week'))
  },
}

function rowsOf(all: readonly EventRow[], { site, from, to }: Asked): EventRow[] {
  return all.filter((row) => row.site === site && row.timestamp >= from && row.timestamp < to)
}

/** Visits that began in the span, with all that belongs to them. */
function visitsOf(all: readonly EventRow[], { site, from, to }: Asked): Visit[] {
  const rows = all.filter((row) => row.site === site && row.sessionStart >= from && row.sessionStart < to)
  return grouped(rows, keyOf).map(([, of]) => visitOf(of))
}

function seen(all: readonly EventRow[], asked: Asked): Visit[] {
  return visitsOf(all, asked).filter(({ views }) => views.length > 0)
}

function visitOf(rows: readonly EventRow[]): Visit {
  const ordered = rows.toSorted(
    (one, other) => one.timestamp - other.timestamp || one.kafkaOffset - other.kafkaOffset,
  )
  const [first] = ordered
  if (first === undefined) throw new Error('a visit without events')
  const views = viewsIn(ordered)
  const counted = ordered.filter(({ name }) => name !== 'engagement').map(({ timestamp }) => timestamp)
  const interacted = ordered.some(
    ({ name, interactive }) => name !== 'engagement' && name !== 'pageview' && interactive,
  )
  return {
    rows: ordered,
    first,
    views,
    isBounce: views.length <= 1 && !interacted,
    duration: Math.max(...counted) - Math.min(...counted),
  }
}

/** How far the visitor came: each step within a day of the first, in order. */
function levelOf(rows: readonly EventRow[]): number {
  const steps = [
    (row: EventRow): boolean => row.name === 'pageview' && row.pathname === '/',
    (row: EventRow): boolean => row.name === 'pageview' && row.pathname === '/pricing',
    (row: EventRow): boolean => row.name === 'Signup',
  ]
  const ordered = rows.toSorted((one, other) => one.timestamp - other.timestamp)
  const from = (start: number): number => {
    let level = 0
    const startedAt = ordered[start]?.timestamp ?? 0
    for (const row of ordered.slice(start)) {
      if (row.timestamp - startedAt > 86_400) break
      if (steps[level]?.(row) === true) level++
    }
    return level
  }
  return Math.max(...ordered.map((_, start) => from(start)))
}

function keyOf({ userId, sessionStart, sessionHash }: EventRow): string {
  return `${userId} ${sessionStart} ${sessionHash}`
}

function viewsIn(rows: readonly EventRow[]): EventRow[] {
  return rows.filter(({ name }) => name === 'pageview')
}

function visitorsIn(rows: readonly EventRow[]): number {
  return distinct(rows, ({ userId }) => userId)
}

function bouncePercent(visits: readonly Visit[]): number {
  return (100 * visits.filter(({ isBounce }) => isBounce).length) / visits.length
}

function propOf(props: EventRow['props'], name: string): string {
  return props.find(([key]) => key === name)?.[1] ?? ''
}

function dayOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().slice(0, 10)
}

function clockOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().slice(0, 19).replace('T', ' ')
}

/** 1970-01-01 was a Thursday. */
function mondayOf(seconds: number): number {
  const day = Math.floor(seconds / 86_400)
  return (day - ((day + 3) % 7)) * 86_400
}

function grouped<T>(items: readonly T[], keyFor: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyFor(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return [...groups]
}

function distinct<T>(items: readonly T[], keyFor: (item: T) => string): number {
  return new Set(items.map(keyFor)).size
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}

function named(key: string, ...names: readonly string[]): Record<string, string> {
  const parts = key.split('|')
  return Object.fromEntries(names.map((name, index) => [name, parts[index] ?? '']))
}

/** By columns in turn; with a minus the greatest first. */
function by(...columns: readonly string[]): (one: AnswerRow, other: AnswerRow) => number {
  return (one, other) => {
    for (const column of columns) {
      const isFalling = column.startsWith('-')
      const name = isFalling ? column.slice(1) : column
      const [a = '', b = ''] = [one[name], other[name]]
      if (a !== b) return (a < b ? -1 : 1) * (isFalling ? -1 : 1)
    }
    return 0
  }
}
