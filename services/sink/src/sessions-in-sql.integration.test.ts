import { openTestDatabase, type TestDatabase } from '@millrace/clickhouse/testing'
import { startEmbeddedClickHouse } from '@millrace/embedded-clickhouse'
import { encodeEnrichedRecord, type EnrichedEvent } from '@millrace/events'
import { anEnrichedEvent } from '@millrace/events/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { EnrichedPartition } from './enriched-partition.ts'
import { runPartition } from './partition-loop.ts'
import { RangeInserter } from './range-inserter.ts'
import { ClickHouseSessionHistory } from './session-recovery.ts'
import { FakePartition, silentEvents } from './testing.ts'

const gapS = 1800
/** Two hours before the day, and with it every anonymous visitor's id, changes. */
const evening = Date.UTC(2026, 10, 21, 22) / 1000
const midnight = evening + 2 * 3600
const internalEvents = silentEvents()

const sites = ['a.com', 'b.com', "it's a site"] as const
const siteOf = (run: number, site: string) => `${run}.${site}`
const literal = (text: string) => `'${text.replaceAll("'", "\\'")}'`
const sitesOf = (run: number) => sites.map((site) => literal(siteOf(run, site))).join(',')

let database: TestDatabase

beforeAll(async () => {
  database = await openTestDatabase(startEmbeddedClickHouse)
  await database.store.command(
    `CREATE TABLE sent (run UInt16, place UInt32, site String, visitor UInt32, user_id UInt64, name String,
       timestamp UInt32, pathname String, interactive UInt8, engagement_ms UInt32, country String, overrides UInt8)
     ENGINE = MergeTree ORDER BY (run, place)`,
  )
})

afterAll(() => database.close())

/** One visitor's way through one site: silences between its events, each at or beside the inactivity gap, or far off. */
const anyVisit = fc.record({
  site: fc.constantFrom(...sites),
  begins: fc.integer({ min: 0, max: 7200 }),
  steps: fc.array(
    fc.record({
      silence: fc.constantFrom(0, 1, 60, gapS - 1, gapS, gapS, gapS + 1, gapS + 1, 4000),
      name: fc.constantFrom('pageview', 'pageview', 'engagement', 'Purchase'),
      interactive: fc.boolean(),
      overrides: fc.constantFrom(false, false, false, true),
    }),
    // Nobody is here for a whole day: by then neither of the two ids would be the session's.
    { minLength: 1, maxLength: 40, size: 'max' },
  ),
})

const anyMember = fc.record({
  rowsMax: fc.integer({ min: 50, max: 1000 }),
  latenessS: fc.constantFrom(0, 600, 7200),
  sessionsMax: fc.constantFrom(5, 30, 1000),
})

const anyScenario = fc.record({
  visits: fc.array(anyVisit, { minLength: 20, maxLength: 60, size: 'max' }),
  members: fc.array(anyMember, { minLength: 1, maxLength: 5 }),
})

type Scenario = typeof anyScenario extends fc.Arbitrary<infer T> ? T : never
type Visit = typeof anyVisit extends fc.Arbitrary<infer T> ? T : never
type Member = typeof anyMember extends fc.Arbitrary<infer T> ? T : never
interface Sent {
  readonly visitor: number
  readonly event: EnrichedEvent
}

it('gives the sessions that window functions find in the same events, row for row', async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(
      // A scenario is named by its seed: printed whole it would fill the screen.
      fc.noShrink(fc.noBias(fc.nat())),
      async (seed) => {
        const [{ visits, members }] = fc.sample(anyScenario, { seed, numRuns: 1 }) as [Scenario]
        run += 1
        const sent = inOrderOfTime(run, visits)
        await writeDown(run, sent)
        await storeAsASink(
          run,
          sent.map(({ event }) => event),
          members,
        )
        const { store } = database
        expect(await store.query(storedEvents(run))).toEqual(await store.query(expectedEvents(run)))
        expect(await store.query(storedSessions(run))).toEqual(await store.query(expectedSessions(run)))
      },
    ),
    { numRuns: 10 },
  )
  const [counted] = await database.store.query<{ sent: string; stored: string; sessions: string }>(
    `SELECT (SELECT count() FROM sent) AS sent, count() AS stored, uniq(kafka_partition, session_id) AS sessions FROM events`,
  )
  // The comparison has compared something.
  expect(Number(counted?.sent)).toBeGreaterThan(3_000)
  expect(Number(counted?.stored)).toBeLessThan(Number(counted?.sent))
  expect(Number(counted?.sessions)).toBeGreaterThan(500)
}, 120_000)

function inOrderOfTime(run: number, visits: readonly Visit[]): Sent[] {
  const sent = visits.flatMap(({ site, begins, steps }, visitor) => {
    let timestamp = evening + begins
    return steps.map(({ silence, name, interactive, overrides }, index) => {
      timestamp += silence
      const [userId, previousUserId] = idsOf(visitor, timestamp)
      const pathname = `/${visitor}/${index}`
      const engagementMs = name === 'engagement' ? 1_000 + index : 0
      const seen = { site: siteOf(run, site), timestamp, name, interactive, pathname, engagementMs }
      const event = anEnrichedEvent({ ...seen, userId, previousUserId, country: `C${index}` })
      if (overrides) event.overrides = ['country']
      return { visitor, event }
    })
  })
  return sent
    .toSorted((one, other) => one.event.timestamp - other.event.timestamp)
    .map(({ visitor, event }, rawOffset) => ({ visitor, event: { ...event, rawOffset } }))
}

/** Today's id and yesterday's; every third visitor came with an id and keeps it. */
function idsOf(visitor: number, timestamp: number): [string, string] {
  const id = (day: string) => `${day}${visitor.toString(16).padStart(15, '0')}`
  if (visitor % 3 === 0) return [id('f'), id('f')]
  return timestamp < midnight ? [id('1'), id('0')] : [id('2'), id('1')]
}

async function writeDown(run: number, sent: readonly Sent[]): Promise<void> {
  const rows = sent.map(({ visitor, event }) => {
    const { rawOffset, site, userId, name, timestamp, pathname, interactive, engagementMs } = event
    const text = `${literal(site)}, ${visitor}, 0x${userId}, '${name}', ${timestamp}`
    const said = `'${event.country}', ${event.overrides === undefined ? 0 : 1}`
    return `(${run}, ${rawOffset}, ${text}, '${pathname}', ${Number(interactive)}, ${engagementMs}, ${said})`
  })
  await database.store.command(`INSERT INTO sent VALUES ${rows.join(',')}`)
}

/** As a sink does it, each of the members for some insert batches; a partition of its own for each run. */
async function storeAsASink(
  run: number,
  events: readonly EnrichedEvent[],
  members: readonly Member[],
): Promise<void> {
  const partition = new FakePartition(events.map(encodeEnrichedRecord))
  const inserts = new RangeInserter({
    internalEvents,
    now: () => 0,
    retryDelays,
    store: database.store,
  })
  for (let turn = 0; (partition.committed?.offset ?? 0) < events.length; turn++) {
    const { rowsMax, latenessS, sessionsMax } = members[turn % members.length]!
    const assignment = partition.assign()
    let fetches = 0
    partition.nextFetchSize = () => {
      if (++fetches > 4) assignment.revoke()
      return 100
    }
    const work = new EnrichedPartition({
      internalEvents,
      now: () => 0,
      retryDelays,
      inserter: inserts,
      history: new ClickHouseSessionHistory({
        store: database.store,
        database: database.options.database,
        inactivityGapS: gapS,
      }),
      sessions: { inactivityGapS: gapS, latenessS, sessionsMax },
      wallClock: () => (midnight + 36_000) * 1000,
    })
    await runPartition({ ...assignment, partition: run }, work, {
      internalEvents,
      now: () => 0,
      retryDelays,
      limits: { rowsMax, bytesMax: 1_000_000, ageMsMax: 1000 },
      lostRecords: 'stop',
    })
  }
}

/**
 * A visitor's events in order; a silence above the gap begins another island; of an island, what comes before the first
 * event that is no engagement belongs to no session. The session has the id its first event came with, and the country of
 * its last event so far that overrides it, else that of its first.
 */
const bySql = (run: number) => `
  WITH
    spaced AS (
      SELECT *, row_number() OVER visitor_so_far = 1
          OR timestamp - lagInFrame(timestamp) OVER visitor_so_far > ${gapS} AS is_apart
      FROM sent WHERE run = ${run}
      WINDOW visitor_so_far AS (PARTITION BY site, visitor ORDER BY timestamp, place
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)),
    islands AS (
      SELECT *, sum(is_apart) OVER (PARTITION BY site, visitor ORDER BY timestamp, place
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS island
      FROM spaced),
    opened AS (
      SELECT *, countIf(name != 'engagement') OVER (PARTITION BY site, visitor, island ORDER BY timestamp, place
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS openers
      FROM islands),
    assigned AS (
      SELECT *,
        first_value(timestamp) OVER session AS session_start,
        first_value(user_id) OVER session AS session_user,
        argMaxIf(country, place, overrides OR place = first_place) OVER (
          PARTITION BY site, visitor, island ORDER BY timestamp, place
          ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS country_so_far
      FROM (
        SELECT *, min(place) OVER (PARTITION BY site, visitor, island) AS first_place
        FROM opened WHERE openers > 0)
      WINDOW session AS (PARTITION BY site, visitor, island ORDER BY timestamp, place
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING))`

/** Rows of the assigned events, and of the sessions, by window functions and as stored. */
const expectedEvents = (run: number) => `${bySql(run)}
  SELECT place, site, toString(session_user) AS user, session_start AS start, timestamp, pathname,
    country_so_far AS country
  FROM assigned ORDER BY place`

const storedEvents = (run: number) => `
  SELECT toUInt32(kafka_offset) AS place, site, toString(user_id) AS user,
    toUInt32(bitShiftRight(session_id, 32)) AS start, toUInt32(timestamp) AS timestamp, pathname,
    country
  FROM events WHERE kafka_partition = ${run} ORDER BY place`

const expectedSessions = (run: number) => `${bySql(run)}
  SELECT site, toString(session_user) AS user, session_start AS start,
    toUInt32(countIf(name = 'pageview')) AS pageviews,
    toUInt32(countIf(name != 'engagement')) AS events,
    max(timestamp) AS last_activity,
    toUInt32(maxIf(timestamp, name != 'engagement') - session_start) AS duration,
    pageviews <= 1 AND countIf(name NOT IN ('pageview', 'engagement') AND interactive) = 0 AS is_bounce,
    argMinIf(pathname, (timestamp, place), name = 'pageview') AS entry_page,
    argMaxIf(pathname, (timestamp, place), name = 'pageview') AS exit_page,
    sum(assigned.engagement_ms) AS engagement_ms,
    argMax(country_so_far, place) AS country
  FROM assigned GROUP BY site, session_user, session_start ORDER BY user, site, start`

const storedSessions = (run: number) => `
  SELECT site, toString(user_id) AS user, toUInt32(sessions.start) AS start, pageviews, events,
    toUInt32(sessions.last_activity) AS last_activity, duration, is_bounce, entry_page, exit_page, engagement_ms,
    country
  FROM sessions WHERE site IN (${sitesOf(run)}) ORDER BY user, site, start`

const retryDelays = { delayMsMin: 100, delayMsMax: 100 }
