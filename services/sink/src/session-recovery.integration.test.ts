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
  const touch = { ...session, city: 'Zürich', cityGeonameId: 4_000_000_000, asn: 4_200_000_000 }
  return [0, 1].map((event) => {
    const kafkaOffset = visit * 2 + event
    return anEventRow({
      ...touch,
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
  history = new ClickHouseSessionHistory({ store: database.store, database: database.options.database })
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
