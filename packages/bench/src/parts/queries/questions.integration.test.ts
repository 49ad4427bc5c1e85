import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventsTable, type EventRow } from '@millrace/clickhouse'
import { anEventRow, openTestDatabase, type TestDatabase } from '@millrace/clickhouse/testing'
import { startEmbeddedClickHouse } from '@millrace/embedded-clickhouse'
import { questions } from './questions.ts'
import { referenceAnswers, type AnswerRow } from './reference-answers.ts'
import { yardstickQuestions } from './yardstick-questions.ts'

const daySeconds = 86_400
const from = Date.UTC(2026, 8, 7) / 1000
const to = from + 40 * daySeconds
const site = 'asked.example'
/** What rounding in SQL may take from a value. */
const roundings: Readonly<Record<string, number>> = {
  bounce_percent: 0.051,
  percent: 0.0051,
  scroll_percent: 0.51,
  seconds: 0.51,
  seconds_a_visit: 0.51,
}

describe('the questions of the cookbook', () => {
  const rows = someRows()
  let database: TestDatabase

  beforeAll(async () => {
    database = await openTestDatabase(startEmbeddedClickHouse)
    for (const month of new Set(rows.map(monthOf))) {
      const batch = rows.filter((row) => monthOf(row) === month)
      await database.store.insert({ table: eventsTable, rows: batch, token: `rows:${month}` })
    }
  })
  afterAll(() => database.close())

  it.each([...questions])('$name is what its rows say one by one', async ({ name, sql }) => {
    const answer = await database.store.query<AnswerRow>(sql, {
      site,
      from: new Date(from * 1000),
      to: new Date(to * 1000),
    })
    const expected = referenceAnswers[name]?.(rows, { site, from, to }) ?? []
    expect(expected.length).toBeGreaterThan(0)
    expect(answer.length).toBe(expected.length)
    for (const [index, wanted] of expected.entries()) expectRow(answer[index] ?? {}, wanted)
  })

  it.each(yardstickQuestions.filter(({ of }) => of === 'days'))(
    '$name says the same as sessions do',
    async ({ sql }) => {
      // Visits across the span's ends would be cut where events are counted: the yardsticks know no others.
      const span = {
        site,
        from: new Date((from - daySeconds) * 1000),
        to: new Date((to + daySeconds) * 1000),
      }
      const days = questions.find(({ name }) => name === 'days')
      expect(await database.store.query(sql, span)).toEqual(await database.store.query(days?.sql ?? '', span))
    },
  )
})

/** Numbers that were rounded in SQL may differ by that much; 64-bit numbers come as text. */
function expectRow(given: AnswerRow, wanted: AnswerRow): void {
  for (const [column, value] of Object.entries(wanted)) {
    if (typeof value === 'string') expect([column, given[column]]).toEqual([column, value])
    else
      expect(
        Math.abs(Number(given[column]) - value),
        `${column} of ${JSON.stringify(given)}, wanted ${value}`,
      ).toBeLessThanOrEqual(roundings[column] ?? 1e-6)
  }
}

function monthOf({ timestamp }: EventRow): string {
  return new Date(timestamp * 1000).toISOString().slice(0, 7)
}

/** Visits of two sites in the span, the same at every run; none crosses the span's ends but at the last moment. */
function someRows(): EventRow[] {
  const random = randomOf(7)
  const rows: EventRow[] = []
  const seen = new Set<string>()
  for (let visit = 0; visit < 1_200; visit++) {
    const hasId = random(4) === 0
    const visitor = hasId ? random(60) : visit
    const started = visit < 20 ? to - 400 + visit * 10 : from + 3_600 + random(40 * daySeconds - 10_000)
    const visited = random(3) === 0 ? 'other.example' : site
    // A visitor with an id comes once a day at most, so that no two visits run into one.
    const key = `${visited} ${visitor} ${Math.floor(started / daySeconds)}`
    if (hasId && seen.has(key)) continue
    seen.add(key)
    rows.push(...visitRows({ random, visitor, hasId, started, site: visited }))
  }
  return rows.map((row, offset) => ({ ...row, kafkaOffset: offset, rawOffset: offset }))
}

function visitRows(of: {
  readonly random: (below: number) => number
  readonly visitor: number
  readonly hasId: boolean
  readonly started: number
  readonly site: string
}): EventRow[] {
  const { random, visitor, hasId, started } = of
  const pick = <T>(...values: readonly [T, ...T[]]): T => values[random(values.length)] ?? values[0]
  const day = hasId ? Math.floor(started / daySeconds) : 0
  const start = hasId ? day * daySeconds + 3_600 + (visitor % 20) * 60 : started
  const visitorId = hasId ? `v${visitor}-${of.site}` : ''
  const isCampaign = random(4) === 0
  const common = {
    site: of.site,
    userId: (hasId ? 0x1000 + visitor : 0x100000 + visitor).toString(16).padStart(16, '0'),
    visitorId,
    sessionStart: start,
    sessionHash: visitor,
    channel: pick('Direct', 'Organic Search', 'Email'),
    source: pick('', 'Google', 'Bing', 'newsletter'),
    utmCampaign: isCampaign ? pick('spring', 'brand') : '',
    utmSource: isCampaign ? pick('google', 'mail') : '',
    utmMedium: isCampaign ? 'cpc' : '',
    country: pick('DE', 'FR', 'US', ''),
    device: pick('Desktop', 'Mobile'),
    browser: pick('Chrome', 'Safari', 'Firefox'),
  }
  let timestamp = start
  const rows: EventRow[] = []
  for (let event = 0; event < 1 + random(7); event++) {
    const isFirst = event === 0
    rows.push(anEventRow({ ...common, timestamp, ...kindOf(isFirst ? random(2) : random(6), pick, random) }))
    timestamp += 1 + random(30)
  }
  return rows
}

function kindOf(
  kind: number,
  pick: <T>(...values: readonly [T, ...T[]]) => T,
  random: (below: number) => number,
): Partial<EventRow> {
  const pathname = pick('/', '/pricing', '/blog', '/docs')
  if (kind < 3) return { name: 'pageview', pathname, interactive: true }
  if (kind === 3) {
    const scrollDepth = pick(10, 55, 100, 255)
    return { name: 'engagement', pathname, interactive: false, scrollDepth, engagementMs: random(90_000) }
  }
  if (kind === 4) return { name: 'Signup', pathname, interactive: random(2) === 0 }
  const props: EventRow['props'] = random(5) === 0 ? [] : [['plan', pick('basic', 'pro')]]
  return {
    name: 'Purchase',
    pathname,
    interactive: true,
    revenue: `${random(500)}.25`,
    currency: pick('USD', 'EUR'),
    props,
  }
}

/** Whole numbers below a bound, the same at every run (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}
