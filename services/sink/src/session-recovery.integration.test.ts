import { eventsTable, type EventRow } from '@millrace/clickhouse'
import { anEventRow, openTestDatabase, type TestDatabase } from '@millrace/clickhouse/testing'
import { startEmbeddedClickHouse } from '@millrace/embedded-clickhouse'
import { firstTouchOf, sessionHash, type StoredSession } from '@millrace/sessions'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ClickHouseSessionHistory, type SessionHistory } from './session-recovery.ts'
import { FakeHistory, FakeStore } from './testing.ts'

const noon = Date.UTC(2026, 10, 21, 12) / 1000
const partition = 3

let database: TestDatabase
let history: ClickHouseSessionHistory
const fake = new FakeStore()
const expected = new FakeHistory(fake)

function aVisit(visit: number): EventRow[] {
  const userId = `${visit % 2 === 0 ? 'ff' : '00'}0000000000${String(visit % 7).padStart(4, '0')}`
  const site = visit % 3 === 0 ? "it's \\ a site" : 'example.com'
  const sessionStart = noon + visit * 700
  const session = {
    site,
    userId,
    sessionStart,
    sessionHash: sessionHash(site, userId),
    source: `visit ${visit}`,
  }
  const touch = { ...session, cityGeonameId: 4_000_000_000, asn: 4_200_000_000 }
  return [0, 1].map((event) => {
    const kafkaOffset = visit * 2 + event
    return anEventRow({
      ...touch,
      // Each event overrides the place.
      city: `Zürich ${kafkaOffset}`,
      kafkaPartition: partition,
      kafkaOffset,
      rawOffset: kafkaOffset + 5,
      // Every fifth visit has an event that came late.
      timestamp: sessionStart + (visit % 5 === 0 ? 1 - event : event) * 600,
    })
  })
}

beforeAll(async () => {
  database = await openTestDatabase(startEmbeddedClickHouse)
  history = new ClickHouseSessionHistory({
    store: database.store,
    database: database.options.database,
    inactivityGapS: 1_800,
  })
  const rows = Array.from({ length: 40 }, (_, visit) => aVisit(visit)).flat()
  await fake.insert({ table: eventsTable, rows, token: 'visits' })
  const elsewhere = aVisit(1).map((row) => ({ ...row, kafkaPartition: partition + 1, source: 'elsewhere' }))
  await database.store.insert({ table: eventsTable, rows: [...rows, ...elsewhere], token: 'visits' })
})

afterAll(() => database.close())

const byStart = (sessions: readonly StoredSession[]) =>
  sessions
    .map((session) => ({ ...session, firstTouch: firstTouchOf(session.firstTouch) }))
    .toSorted((a, b) => a.start - b.start || a.userId.localeCompare(b.userId))

describe('sessions out of ClickHouse', () => {
  const rows = { partition, below: 61 }
  const since = async (from: SessionHistory, limits: { from: number; sessionsMax: number }) => {
    const found: StoredSession[] = []
    await from.since(rows, limits, (sessions) => found.push(...sessions))
    return found
  }

  it('are those with rows since a time and below an offset, with their ids and first touch to the last bit', async () => {
    const limits = { from: noon + 7_000, sessionsMax: 1000 }
    const found = await since(history, limits)
    expect(found.length).toBeGreaterThan(10)
    expect(byStart(found)).toEqual(byStart(await since(expected, limits)))
  })

  it('have device and place of their newest row, though that happened before the time', async () => {
    // Visit 10 began at 7,000 with its second event; its first was at 7,600.
    const limits = { from: noon + 7_300, sessionsMax: 1000 }
    const found = byStart(await since(history, limits))
    expect(found[0]).toMatchObject({ start: noon + 7_000, lastActivity: noon + 7_600 })
    expect(found[0]?.firstTouch.city).toBe('Zürich 21')
    expect(found).toEqual(byStart(await since(expected, limits)))
  })

  it('of some visitors are told by all their rows, however far from the time', async () => {
    const visit = { userId: '00000000000000f1', site: 'long.example', sessionStart: noon, sessionHash: 1 }
    // A way of ten hours in steps of the gap; the newest row is the earliest, the one before it the latest.
    const steps = Array.from({ length: 21 }, (_, step) => (step === 20 ? -1_800 : step * 1_800))
    const long = steps.map((second, index) => {
      const place = { kafkaPartition: partition + 2, kafkaOffset: index, rawOffset: index }
      return anEventRow({ ...visit, ...place, city: `city ${index}`, timestamp: noon + second })
    })
    await database.store.insert({ table: eventsTable, rows: long, token: 'long visit' })
    const query = { userIds: [visit.userId], sites: [visit.site], from: noon + 18_000, to: noon + 18_001 }
    const of = async (below: number) =>
      (await history.ofVisitors({ partition: partition + 2, below }, query)).map((session) => {
        return [session.firstTouch.city, session.lastActivity - noon]
      })
    expect(await of(21)).toEqual([['city 20', 34_200]])
    expect(await of(20)).toEqual([['city 19', 34_200]])
    expect(await of(11)).toEqual([['city 10', 18_000]])
    expect(await of(10)).toEqual([])
  })

  it('are the last active ones where there are too many', async () => {
    const limits = { from: 0, sessionsMax: 4 }
    const times = (found: readonly StoredSession[]) =>
      found.map(({ lastActivity }) => lastActivity).toSorted()
    expect(times(await since(history, limits))).toEqual(times(await since(expected, limits)))
  })

  it('are those of some visitors within a time', async () => {
    const query = {
      userIds: ['ff00000000000000', '0000000000000001'],
      sites: ["it's \\ a site", 'example.com'],
      from: noon + 100,
      to: noon + 20_000,
    }
    const found = await history.ofVisitors(rows, query)
    expect(found.length).toBeGreaterThan(2)
    expect(byStart(found)).toEqual(byStart(await expected.ofVisitors(rows, query)))
  })

  it('are those of the stored events of a range, by offset', async () => {
    const range = { first: 70, last: 90 }
    const offsets = (sessions: ReadonlyMap<number, StoredSession>) =>
      [...sessions.keys()].toSorted((a, b) => a - b)
    const [found, wanted] = [
      await history.storedSessions(partition, range),
      await expected.storedSessions(partition, range),
    ]
    expect(offsets(found)).toEqual([70, 71, 72, 73, 74, 75, 76, 77, 78, 79])
    for (const offset of offsets(wanted)) {
      expect(byStart([found.get(offset)!])).toEqual(byStart([wanted.get(offset)!]))
    }
  })

  it('are none outside the times that the table can hold', async () => {
    expect(await since(history, { from: 2 ** 33, sessionsMax: 10 })).toEqual([])
    expect(await since(history, { from: -1, sessionsMax: 1000 })).toHaveLength(31)
  })
})

describe('places out of ClickHouse', () => {
  it('are the greatest offsets of a partition, or -1 without rows', async () => {
    expect(await history.storedPlace(partition)).toEqual({ offset: 79, raw: 84 })
    expect(await history.storedPlace(99)).toEqual({ offset: -1, raw: -1 })
  })
})
