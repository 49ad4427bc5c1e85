import { startEmbeddedClickHouse } from '@millrace/embedded-clickhouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { insertEntries, insertRows, type Entries, type EntriesPlace } from './books-entries.ts'
import { createStore, deadLettersTable, eventsTable, readBooks, type Store } from './index.ts'
import { aDeadLetterRow, anEventRow, openTestDatabase, type TestDatabase } from './testing.ts'

let database: TestDatabase
let store: Store

beforeAll(async () => {
  database = await openTestDatabase(startEmbeddedClickHouse)
  store = database.store
})

afterAll(() => database.close())

const now = Math.floor(Date.now() / 1000)
/** An hour ago: the minute that the cases are about. */
const minute = Math.floor(now / 60) * 60 - 3_600

let nextPartition = 0

function freshPlace(): EntriesPlace {
  const partition = nextPartition++
  return { site: `site-${partition}.example`, partition, minute }
}

const write = (entries: Entries, place: EntriesPlace) => insertEntries(store, entries, place)

/** The site's line of the minute, numbers as numbers. */
async function lineOf(site: string, view = 'books'): Promise<Record<string, unknown> | undefined> {
  const [row] = await store.query<Record<string, unknown>>(
    `SELECT * EXCEPT (site, minute) FROM ${view} WHERE site = {site:String} AND minute = toDateTime(${minute}, 'UTC')`,
    { site },
  )
  if (row === undefined) return undefined
  const dropped = Object.entries(row.dropped as object).map(([reason, rows]) => [reason, Number(rows)])
  return {
    ...Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)])),
    dropped: Object.fromEntries(dropped) as unknown,
  }
}

const balanced = { in_flight: 0, missing: 0, surplus: 0 }

describe('books', () => {
  it.each<[string, Entries, Record<string, unknown>]>([
    [
      'balance where each accepted event has its row',
      {
        counts: [['p 0', 7, 16]],
        events: [10, 11],
        drops: [
          [12, 'bot'],
          [13, 'bot'],
          [14, 'repeat'],
        ],
        enricherLetters: [15],
        sinkLetters: [16],
      },
      { ...balanced, accepted: 7, inserted: 2, dropped: { bot: 2 }, repeats: 1, dead_letters: 2 },
    ],
    ['show a lost event', { counts: [['p 0', 3, 3]], events: [1, 3] }, { ...balanced, missing: 1 }],
    [
      'show a lost drop',
      { counts: [['p 0', 3, 3]], events: [3], drops: [[2, 'bot']] },
      { ...balanced, missing: 1 },
    ],
    [
      'show a loss before a dead letter of the sink',
      { counts: [['p 0', 2, 2]], sinkLetters: [2] },
      { ...balanced, missing: 1 },
    ],
    [
      'have in flight what the partition has not come to',
      { counts: [['p 0', 3, 3]], events: [1, 2] },
      { ...balanced, in_flight: 1 },
    ],
    [
      'have everything in flight where the partition has stored nothing',
      { counts: [['p 0', 3, 3]] },
      { ...balanced, in_flight: 3, inserted: 0 },
    ],
    [
      'take a loss at the end of a partition as such when a later row is stored',
      { counts: [['p 0', 3, 3]], events: [1, 2], laterEvents: [9] },
      { ...balanced, missing: 1 },
    ],
    [
      'do not take a dead letter of the enricher for progress: the rows before it are stored by another way',
      { counts: [['p 0', 3, 3]], enricherLetters: [3] },
      { ...balanced, in_flight: 2, dead_letters: 1 },
    ],
    [
      'give what was counted a moment ago more time',
      { counts: [['p 0', 2, 2, 0]], events: [2] },
      { ...balanced, in_flight: 1 },
    ],
    [
      'have as surplus what nobody counted',
      { counts: [['p 0', 1, 1]], events: [1, 2], drops: [[3, 'bot']] },
      { ...balanced, surplus: 2 },
    ],
    [
      'have a line for rows without any count',
      { events: [1] },
      { ...balanced, accepted: 0, inserted: 1, surplus: 1 },
    ],
    [
      'count a total once that was handed over twice',
      {
        counts: [
          ['p 0', 2, 2],
          ['p 0', 2, 2],
        ],
        events: [1, 2],
      },
      { ...balanced, accepted: 2 },
    ],
    [
      'take the greatest of a page’s totals, in whatever order they came',
      {
        counts: [
          ['p 0', 1, 1],
          ['p 0', 3, 3],
          ['p 0', 2, 2],
        ],
        events: [1, 2, 3],
      },
      { ...balanced, accepted: 3 },
    ],
    [
      'add up pages and counters',
      {
        counts: [
          ['p 0', 1, 1],
          ['p 1', 1, 2],
          ['q 0', 1, 3],
        ],
        events: [1, 2, 3],
      },
      { ...balanced, accepted: 3 },
    ],
    [
      'wait for the last place of all counters',
      {
        counts: [
          ['p 0', 1, 1],
          ['q 0', 1, 8],
        ],
        events: [1],
      },
      { ...balanced, in_flight: 1 },
    ],
    [
      'have a dead letter that was sent again in flight',
      {
        counts: [
          ['p 0', 2, 2],
          ['requeue 0', 0, 9],
        ],
        events: [1],
        enricherLetters: [2],
        requeued: [2],
      },
      { ...balanced, accepted: 2, in_flight: 1, dead_letters: 0 },
    ],
    [
      'balance when the dead letter that was sent again is stored',
      {
        counts: [
          ['p 0', 2, 2],
          ['requeue 0', 0, 9],
        ],
        events: [1, 9],
        enricherLetters: [2],
        requeued: [2],
      },
      { ...balanced, accepted: 2, inserted: 2 },
    ],
    [
      'miss a dead letter that was sent again and lost',
      {
        counts: [
          ['p 0', 2, 2],
          ['requeue 0', 0, 9],
        ],
        events: [1],
        enricherLetters: [2],
        requeued: [2],
        laterEvents: [10],
      },
      { ...balanced, missing: 1 },
    ],
  ])('%s', async (_case, entries, expected) => {
    const place = freshPlace()
    await write(entries, place)
    const line = await lineOf(place.site)
    expect(line).toMatchObject(expected)
    const isMissing = Number(expected.missing) > 0
    expect(await lineOf(place.site, 'missing_events')).toEqual(isMissing ? line : undefined)
  })

  it('let no surplus of one partition hide a loss in another', async () => {
    const place = freshPlace()
    await write({ counts: [['p 0', 2, 2]], events: [2] }, place)
    await write({ counts: [['p 0', 1, 1]], events: [1, 2] }, { ...place, partition: nextPartition++ })
    expect(await lineOf(place.site)).toMatchObject({ accepted: 3, inserted: 3, missing: 1, surplus: 1 })
  })

  it('go by when an event was received, whenever it happened', async () => {
    const place = freshPlace()
    await write({ counts: [['p 0', 2, 2]] }, place)
    const { site, partition: kafkaPartition } = place
    const rows = [-40 * 86_400, 30].map((lagS, index) => {
      const rawOffset = index + 1
      return anEventRow({
        site,
        kafkaPartition,
        kafkaOffset: rawOffset,
        rawOffset,
        timestamp: minute + lagS,
        receivedAt: minute * 1000,
      })
    })
    for (const row of rows) await insertRows(store, eventsTable, [row])
    expect(await lineOf(site)).toMatchObject({ ...balanced, inserted: 2 })
  })

  it('miss an event whose dead letter does not tell its site', async () => {
    const place = freshPlace()
    await write({ counts: [['p 0', 2, 2]], events: [2] }, place)
    const kafkaPartition = place.partition
    await insertRows(store, deadLettersTable, [
      aDeadLetterRow({ kafkaPartition, kafkaOffset: 7, record: Buffer.from('{"kind":') }),
    ])
    expect(await lineOf(place.site)).toMatchObject({ ...balanced, missing: 1 })
  })

  it('keep their totals when parts are merged', async () => {
    const place = freshPlace()
    await write(
      {
        counts: [
          ['p 0', 1, 1],
          ['p 0', 2, 4],
          ['p 1', 1, 3],
        ],
        events: [1, 3, 4],
      },
      place,
    )
    await store.command('OPTIMIZE TABLE accepted_events FINAL')
    expect(await lineOf(place.site)).toMatchObject({ ...balanced, accepted: 3 })
    const [rows] = await store.query<{ rows: string }>(
      'SELECT count() AS rows FROM accepted_events WHERE site = {site:String}',
      { site: place.site },
    )
    expect(rows).toEqual({ rows: '2' })
  })
})

describe('readBooks', () => {
  it('sums a span and names what is missing', async () => {
    const [ill, well] = [freshPlace(), freshPlace()]
    await write({ counts: [['p 0', 4, 4]], events: [1, 4] }, ill)
    await write({ counts: [['p 0', 1, 1]], events: [1, 2] }, well)
    const span = { since: minute, until: minute + 60 }
    const books = await readBooks(store, span)
    expect(books.losses).toContainEqual({ site: ill.site, minute, missing: 2 })
    expect(books.losses.some(({ site }) => site === well.site)).toBe(false)
    const [sums] = await store.query<Record<string, string>>(
      `SELECT uniqExact(site) AS sites, count() AS lines, sum(missing) AS missing, sum(surplus) AS surplus
       FROM books WHERE minute = toDateTime(${minute}, 'UTC')`,
    )
    expect(books).toMatchObject(
      Object.fromEntries(Object.entries(sums ?? {}).map(([name, sum]) => [name, Number(sum)])),
    )
    expect(await readBooks(store, { since: minute + 60, until: minute + 60 })).toEqual({
      sites: 0,
      lines: 0,
      accepted: 0,
      inFlight: 0,
      missing: 0,
      surplus: 0,
      losses: [],
    })
  })
})

describe('the views', () => {
  it('read only the span and the site that are asked for, by the indexes', async () => {
    const plan = await store.query<{ explain: string }>(
      `EXPLAIN indexes = 1 SELECT * FROM all_books
       WHERE minute >= '2026-11-21 09:00:00' AND minute < '2026-11-21 10:00:00' AND site = 'a.example'`,
    )
    const lines = plan.map(({ explain }) => explain)
    const conditions = lines.filter((line) => line.includes('Condition: '))
    const start = Date.UTC(2026, 10, 21, 9) / 1000
    for (const used of [
      `(minute in [${start},`,
      `(toStartOfMinute(plus(timestamp, receive_lag_s)) in [${start},`,
      `(toStartOfMinute(timestamp) in [${start},`,
    ])
      expect(conditions).toContainEqual(expect.stringContaining(used))
    const bySite = conditions.filter((line) => line.includes("site in ['a.example', 'a.example']"))
    expect(bySite.length).toBeGreaterThanOrEqual(3)
    expect(lines.filter((line) => line.includes('ReadFromMergeTree (pj_places)'))).toHaveLength(2)
  })

  it.each(['books', 'missing_events'])('%s reads a day, from whatever database it is asked', async (view) => {
    const { database: name } = database.options
    const elsewhere = createStore({ ...database.options, database: 'default' })
    const plan = await elsewhere.query<{ explain: string }>(
      `EXPLAIN indexes = 1 SELECT * FROM ${name}.${view}`,
    )
    await elsewhere.close()
    const lower = new RegExp(
      String.raw`\(toStartOfMinute\(plus\(timestamp, receive_lag_s\)\) in \[(\d+), \+Inf\)\)`,
    )
    const [since] = plan.flatMap(({ explain }) => lower.exec(explain)?.[1] ?? [])
    const dayAgo = Date.now() / 1000 - 86_400
    expect(Number(since)).toBeGreaterThan(dayAgo - 120)
    expect(Number(since)).toBeLessThanOrEqual(dayAgo)
  })
})
