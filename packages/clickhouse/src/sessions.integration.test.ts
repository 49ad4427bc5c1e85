import { randomBytes } from 'node:crypto'
import { startEmbeddedClickHouse } from '@millrace/embedded-clickhouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventsTable, type EventRow, type Store } from './index.ts'
import { anEventRow, openTestDatabase, type TestDatabase } from './testing.ts'

let database: TestDatabase
let store: Store

beforeAll(async () => {
  database = await openTestDatabase(startEmbeddedClickHouse)
  store = database.store
})

afterAll(() => database.close())

/** Inserts the rows in insert batches of the given sizes, the rest in one. */
async function insertEvents(rows: readonly EventRow[], ...sizes: readonly number[]): Promise<void> {
  let start = 0
  for (const size of [...sizes, rows.length]) {
    const part = rows.slice(start, start + size)
    start += part.length
    const token = `${part[0]?.site ?? ''}:${start}:${randomBytes(4).toString('hex')}`
    await store.insert({ table: eventsTable, rows: part, token })
  }
}

describe('sessions', () => {
  const noon = Date.UTC(2026, 10, 21, 12) / 1000
  let sites = 0
  const freshSite = (): string => `site-${++sites}.example`

  type Step = Partial<EventRow> & { readonly at?: number }
  /** Rows of one session that began at noon; `at` is in seconds from then on, offsets follow the order given. */
  const sessionRows = (site: string, steps: readonly Step[], start = noon): EventRow[] =>
    steps.map(({ at = 0, ...changes }, index) =>
      anEventRow({
        site,
        sessionStart: start,
        timestamp: start + at,
        kafkaOffset: index,
        hostname: 'h1',
        ...changes,
      }),
    )
  const engagement = { name: 'engagement', interactive: false, pathname: '/e', hostname: 'he' }

  const cases: readonly [string, readonly Step[], Record<string, unknown>][] = [
    [
      'a single pageview bounces',
      [{ pathname: '/a' }],
      {
        pageviews: 1,
        events: 1,
        is_bounce: 1,
        duration: 0,
        entry_page: '/a',
        exit_page: '/a',
        hostname: 'h1',
      },
    ],
    [
      'two pageviews do not bounce; entry, exit and duration span them',
      [{ pathname: '/a' }, { at: 60, pathname: '/b', hostname: 'h2' }],
      {
        pageviews: 2,
        events: 2,
        is_bounce: 0,
        duration: 60,
        entry_page: '/a',
        exit_page: '/b',
        hostname: 'h1',
        exit_hostname: 'h2',
      },
    ],
    [
      'an interactive custom event ends the bounce and changes no page',
      [{ pathname: '/a' }, { at: 5, name: 'Signup', pathname: '/x', interactive: true }],
      { pageviews: 1, events: 2, is_bounce: 0, duration: 5, entry_page: '/a', exit_page: '/a' },
    ],
    [
      'a custom event that is not interactive leaves the bounce',
      [{ pathname: '/a' }, { at: 5, name: 'Scrolled', pathname: '/x', interactive: false }],
      { pageviews: 1, events: 2, is_bounce: 1, duration: 5, exit_page: '/a' },
    ],
    [
      'a session without a pageview has no pages, and bounces unless its event is interactive',
      [{ name: 'Opened', interactive: false }],
      {
        pageviews: 0,
        events: 1,
        is_bounce: 1,
        entry_page: '',
        exit_page: '',
        hostname: '',
        exit_hostname: '',
      },
    ],
    [
      'an interactive custom event alone is no bounce',
      [{ name: 'Opened', interactive: true }],
      { pageviews: 0, events: 1, is_bounce: 0, entry_page: '' },
    ],
    [
      'an engagement event moves last_activity and nothing else',
      [{ pathname: '/a' }, { at: 90, ...engagement, engagementMs: 80_000 }],
      {
        pageviews: 1,
        events: 1,
        is_bounce: 1,
        duration: 0,
        entry_page: '/a',
        exit_page: '/a',
        hostname: 'h1',
        exit_hostname: 'h1',
        last_activity: '2026-11-21 12:01:30',
        engagement_ms: '80000',
      },
    ],
    [
      'an interactive flag on an engagement event does not end the bounce',
      [{}, { at: 9, ...engagement, interactive: true }],
      { is_bounce: 1, events: 1 },
    ],
    [
      'revenue adds up exactly',
      [
        { name: 'Purchase', revenue: '0.1', currency: 'EUR' },
        { at: 1, name: 'Purchase', revenue: '0.2', currency: 'EUR' },
        { at: 2, name: 'Refund', revenue: '-0.05', currency: 'EUR' },
      ],
      { revenue: '0.25', currency: 'EUR', events: 3 },
    ],
    [
      'rows out of order give the pages in the order of time',
      [
        { at: 50, pathname: '/b' },
        { at: 100, pathname: '/c' },
        { at: 0, pathname: '/a' },
      ],
      { entry_page: '/a', exit_page: '/c', duration: 100, pageviews: 3, start: '2026-11-21 12:00:00' },
    ],
    [
      'pages of one second are in the order of their offsets',
      [{ pathname: '/z' }, { pathname: '/m' }, { pathname: '/a' }],
      { entry_page: '/z', exit_page: '/a', duration: 0, pageviews: 3 },
    ],
    [
      'place and device that are replaced in mid-session are the last ones, the source stays',
      [
        { country: 'FR', device: 'Desktop', source: 'Google' },
        { at: 5, country: 'DE', device: 'Mobile', source: 'Google' },
        { at: 9, country: 'DE', device: 'Mobile', source: 'Google' },
      ],
      { country: 'DE', device: 'Mobile', source: 'Google' },
    ],
  ]

  describe.each([
    ['in one insert', []],
    ['in an insert each', [1, 1, 1, 1]],
    ['two and the rest', [2]],
  ])('inserted %s', (_how, sizes) => {
    it.each(cases)('%s', async (_case, steps, expected) => {
      const site = freshSite()
      await insertEvents(sessionRows(site, steps), ...sizes)
      const found = await store.query('SELECT * FROM sessions WHERE site = {site:String}', { site })
      expect(found).toEqual([expect.objectContaining({ site, ...expected })])
    })
  })

  it('a session over midnight and the end of the month is one session', async () => {
    const site = freshSite()
    const start = Date.UTC(2026, 9, 31, 23, 59) / 1000
    const rows = sessionRows(site, [{ pathname: '/a' }, { at: 120, pathname: '/b' }], start)
    await insertEvents(rows, 1)
    expect(await store.query('SELECT * FROM sessions WHERE site = {site:String}', { site })).toEqual([
      expect.objectContaining({
        start: '2026-10-31 23:59:00',
        last_activity: '2026-11-01 00:01:00',
        pageviews: 2,
        duration: 120,
        exit_page: '/b',
      }),
    ])
  })

  it('the same visitor has a session on each of two sites', async () => {
    const [one, two] = [freshSite(), freshSite()]
    await insertEvents([
      ...sessionRows(one, [{ pathname: '/1' }]),
      ...sessionRows(two, [{ pathname: '/2' }, { at: 1, pathname: '/3' }]),
    ])
    const found = await store.query(
      'SELECT site, pageviews, is_bounce FROM sessions WHERE site IN ({one:String}, {two:String}) ORDER BY site',
      { one, two },
    )
    expect(found).toEqual([
      { site: one, pageviews: 1, is_bounce: 1 },
      { site: two, pageviews: 2, is_bounce: 0 },
    ])
  })

  it('have place and device of the rows inserted last, through many parts and their merges', async () => {
    const site = freshSite()
    const cities = async () => {
      const ask = 'SELECT user_id, city FROM sessions WHERE site = {site:String} ORDER BY user_id'
      return (await store.query<{ city: string }>(ask, { site })).map(({ city }) => city)
    }
    const visitors = Array.from({ length: 300 }, (_, visitor) => visitor)
    for (let insert = 0; insert < 24; insert++) {
      // One visitor in two is there, each time with another place; across the turn of a month, and back.
      const present = visitors.filter((visitor) => (visitor + insert) % 2 === 0)
      const start = Date.UTC(2026, 10, 30, 23, 59) / 1000
      const rows = present.map((visitor) =>
        anEventRow({
          ...{ site, sessionStart: start, timestamp: start + (insert % 3 === 0 ? 90 : 30) },
          ...{ userId: visitor.toString(16).padStart(16, '0'), kafkaOffset: insert, city: `city ${insert}` },
        }),
      )
      await insertEvents(rows)
      if (insert === 12) await store.command('OPTIMIZE TABLE session_states FINAL')
    }
    const expected = visitors.map((visitor) => `city ${visitor % 2 === 0 ? 22 : 23}`)
    expect(await cities()).toEqual(expected)
    await store.command('OPTIMIZE TABLE session_states FINAL')
    expect(await cities()).toEqual(expected)
  })

  it('give the same answer after their parts are merged', async () => {
    const ask = 'SELECT * FROM sessions ORDER BY site, session_id'
    const before = await store.query(ask)
    await store.command('OPTIMIZE TABLE session_states FINAL')
    expect(before.length).toBeGreaterThan(30)
    expect(await store.query(ask)).toEqual(before)
  })

  it('a repeated insert changes neither events nor sessions', async () => {
    const site = freshSite()
    const rows = sessionRows(site, [{}, { at: 4, name: 'Purchase', revenue: '5' }])
    const batch = { table: eventsTable, rows, token: `repeat:${site}` }
    for (let attempt = 0; attempt < 3; attempt++) await store.insert(batch)
    const [found] = await store.query(
      `SELECT (SELECT count() FROM events WHERE site = {site:String}) AS rows, pageviews, events, revenue
       FROM sessions WHERE site = {site:String}`,
      { site },
    )
    expect(found).toEqual({ rows: '2', pageviews: 1, events: 2, revenue: '5' })
  })

  it('two inserts with equal content under two tokens both count', async () => {
    const site = freshSite()
    const rows = sessionRows(site, [{}])
    await insertEvents(rows)
    await insertEvents(rows)
    expect(await store.query('SELECT pageviews FROM sessions WHERE site = {site:String}', { site })).toEqual([
      { pageviews: 2 },
    ])
  })

  it('a filter on site and start reads only the granules of that site and time', async () => {
    await store.command(
      `INSERT INTO session_states (site, start, user_id, session_id)
       SELECT concat('bulk', toString(number % 50)), toDateTime('2026-01-01 00:00:00', 'UTC') + number * 60 AS start,
         number, bitShiftLeft(toUInt64(toUnixTimestamp(start)), 32) + number
       FROM numbers(300000)`,
    )
    const plan = await store.query<{ explain: string }>(
      `EXPLAIN indexes = 1 SELECT count() FROM sessions
       WHERE site = 'bulk7' AND start >= '2026-02-01 00:00:00' AND start < '2026-02-02 00:00:00'`,
    )
    const granules = /Granules: (\d+)\/(\d+)/.exec(plan.map((row) => row.explain).join('\n'))
    const [read, all] = [Number(granules?.[1]), Number(granules?.[2])]
    expect(all).toBeGreaterThan(30)
    expect(read).toBeLessThanOrEqual(2)
  })

  it('have plain column types', async () => {
    const types = await store.query<{ type: string }>(
      "SELECT type FROM system.columns WHERE database = currentDatabase() AND table = 'sessions'",
    )
    expect(types.length).toBeGreaterThan(30)
    expect(types.filter((row) => row.type.includes('AggregateFunction'))).toEqual([])
  })
})
