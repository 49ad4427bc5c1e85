import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventsTable } from '@millrace/clickhouse'
import { anEventRow, openTestDatabase, type TestDatabase } from '@millrace/clickhouse/testing'
import { startEmbeddedClickHouse } from '@millrace/embedded-clickhouse'
import { copiedDays, copyEvents, copySessions, dayTable, daySessionsTable } from './copied-days.ts'

const noon = Date.UTC(2026, 10, 20, 12) / 1000
const copies = [1, copiedDays - 1] as const
const log = { partitions: 4, offsets: 1_000 }

describe('the copies of a day', () => {
  let database: TestDatabase
  const ask = <Row>(sql: string): Promise<Row[]> => database.store.query<Row>(sql)
  const value = async (sql: string): Promise<number> =>
    Number(Object.values((await ask<Record<string, string>>(sql))[0] ?? {})[0])

  beforeAll(async () => {
    database = await openTestDatabase(startEmbeddedClickHouse)
    const { store } = database
    await store.insert({ table: eventsTable, rows: dayRows(), token: 'day' })
    await store.command(`CREATE TABLE ${dayTable} AS events`)
    await store.command(`INSERT INTO ${dayTable} SELECT * FROM events`)
    await store.command(`CREATE TABLE ${daySessionsTable} AS session_states`)
    await store.command(`INSERT INTO ${daySessionsTable} SELECT * FROM session_states FINAL`)
    await store.command(copyEvents(copies, log))
  })
  afterAll(() => database.close())

  it('have every event on every day, each at a place of its own', async () => {
    const rows = dayRows().length * copiedDays
    expect(await value('SELECT count() FROM events')).toBe(rows)
    expect(await value('SELECT uniqExact(kafka_partition, kafka_offset) FROM events')).toBe(rows)
    expect(await value('SELECT max(abs(raw_lead)) FROM events')).toBe(0)
  })

  it('have visits of their own: none runs into another, and the id says when it began', async () => {
    const visits = 3 * copiedDays
    expect(await value('SELECT uniqExact(session_id) FROM events')).toBe(visits)
    const off = `SELECT count() FROM (SELECT session_id, min(timestamp) AS first FROM events GROUP BY session_id)
      WHERE toUnixTimestamp(first) != bitShiftRight(session_id, 32)`
    expect(await value(off)).toBe(0)
  })

  it('give an anonymous visitor another id each day, and let one with an id come again', async () => {
    const ids = (condition: string): Promise<number> =>
      value(`SELECT uniqExact(user_id) FROM events WHERE ${condition}`)
    expect(await ids("visitor_id = ''")).toBe(2 * copiedDays)
    expect(await ids("visitor_id != ''")).toBe(
      await value("SELECT uniqExact(visitor_id) FROM events WHERE visitor_id != ''"),
    )
    expect(await value("SELECT uniqExact(length(visitor_id)) FROM events WHERE visitor_id != ''")).toBe(1)
  })

  it('have the sessions that the view makes of their events', async () => {
    const sessions = 'SELECT * FROM sessions ORDER BY session_id, user_id'
    const places = 'SELECT session_id, entry, exit FROM session_states FINAL ORDER BY session_id'
    const made = [await ask(sessions), await ask(places)]
    const columns = await ask<{ name: string }>(
      `SELECT name FROM system.columns WHERE database = currentDatabase() AND table = 'session_states' ORDER BY position`,
    )
    await database.store.command('TRUNCATE TABLE session_states')
    const names = columns.map(({ name }) => name)
    await database.store.command(copySessions([0, copies[1]], { columns: names, offsets: log.offsets }))
    expect([await ask(sessions), await ask(places)]).toEqual(made)
    expect(made[0]?.length).toBe(3 * copiedDays)
  })
})

/** A visit with all kinds of events, one of a visitor with an id, and one without a page view. */
function dayRows() {
  const visit = (user: number, start: number) => ({
    userId: user.toString(16).padStart(16, '0'),
    sessionStart: start,
    sessionHash: user * 7,
  })
  const [first, second, third] = [visit(1, noon), visit(2, noon + 60), visit(3, noon + 120)]
  return [
    { ...first, timestamp: noon, pathname: '/' },
    { ...first, timestamp: noon + 30, name: 'engagement', interactive: false, engagementMs: 29_000 },
    { ...first, timestamp: noon + 40, pathname: '/pricing' },
    { ...second, timestamp: noon + 60, visitorId: 'abcdef0123456789', clientEventId: '00aa11bb22cc33dd' },
    { ...third, timestamp: noon + 120, name: 'Signup' },
  ].map((changes, offset) =>
    anEventRow({ ...changes, kafkaPartition: offset % 4, kafkaOffset: offset, rawOffset: offset }),
  )
}
