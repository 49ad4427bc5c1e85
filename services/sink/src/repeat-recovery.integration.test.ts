import { eventsTable, type EventRow } from '@millrace/clickhouse'
import { anEventRow, openTestDatabase, type TestDatabase } from '@millrace/clickhouse/testing'
import { startEmbeddedClickHouse } from '@millrace/embedded-clickhouse'
import { anEnrichedEvent } from '@millrace/events/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FingerprintStep } from './client-id-memory.ts'
import type { ClientEvent } from './client-event.ts'
import { ClickHouseRepeatHistory } from './repeat-recovery.ts'
import { FakeHistory, FakeStore } from './testing.ts'

const noon = Date.UTC(2026, 10, 21, 12) / 1000
const rows = { partition: 3, below: 90 }
const ids = ['', 'plain', "it's \\ a 'key'", 'zürich 😀', 'a\u0000b\n', 'x'.repeat(200)]

let database: TestDatabase
let history: ClickHouseRepeatHistory
const fake = new FakeStore()
const expected = new FakeHistory(fake)

/** Received a minute apart; what happened long before was kept on the device. */
function aRow(kafkaOffset: number, kafkaPartition: number): EventRow {
  return anEventRow({
    kafkaPartition,
    kafkaOffset,
    site: kafkaOffset % 3 === 0 ? "o'site \\" : 'example.com',
    userId: `${kafkaOffset % 2 === 0 ? 'ff' : '00'}0000000000000${kafkaOffset % 5}`,
    clientEventId: ids[kafkaOffset % ids.length]!,
    timestamp: noon + kafkaOffset - (kafkaOffset % 7 === 0 ? 500_000 : 0),
    receivedAt: (noon + kafkaOffset * 60) * 1000 + 500,
  })
}

beforeAll(async () => {
  database = await openTestDatabase(startEmbeddedClickHouse)
  history = new ClickHouseRepeatHistory({ store: database.store, database: database.options.database })
  const here = Array.from({ length: 100 }, (_, offset) => aRow(offset, rows.partition))
  const elsewhere = Array.from({ length: 100 }, (_, offset) => aRow(offset, rows.partition + 1))
  await fake.insert({ table: eventsTable, rows: here, token: 'here' })
  await database.store.insert({ table: eventsTable, rows: [...here, ...elsewhere], token: 'both' })
})

afterAll(() => database.close())

const sorted = (steps: readonly FingerprintStep[]) =>
  steps
    .map(({ step, fingerprints }) => ({ step, fingerprints: fingerprints.toSorted((a, b) => a - b) }))
    .toSorted((a, b) => a.step - b.step)

describe('fingerprints out of ClickHouse', () => {
  it.each([
    ['of all', { from: 0, stepS: 900, idsMax: 1000 }],
    ['since a time', { from: noon + 61 * 60, stepS: 900, idsMax: 1000 }],
    ['of the last received', { from: 0, stepS: 100, idsMax: 10 }],
    ['of none after the last time that the table can hold', { from: 2 ** 33, stepS: 900, idsMax: 10 }],
  ])('are those that we compute: %s', async (_title, limits) => {
    const found = await history.fingerprints(rows, limits)
    expect(sorted(found)).toEqual(sorted(await expected.fingerprints(rows, limits)))
  })
})

describe('client events out of ClickHouse', () => {
  const key = (event: ClientEvent) =>
    [event.site, event.userId, event.clientEventId, event.receivedAt].join(' ')
  const event = (offset: number, second = 0) => {
    const { site, userId, clientEventId, receivedAt } = aRow(offset, rows.partition)
    const time = receivedAt + second * 1000
    return anEnrichedEvent({ site, userId, previousUserId: userId, clientEventId, receivedAt: time })
  }

  it('are all that some events could repeat', async () => {
    const query = { events: [1, 2, 3, 4, 5, 95].map((offset) => event(offset, 100)), windowS: 3600 }
    const wanted = (await expected.clientEvents(rows, query)).map(key)
    expect(wanted.length).toBeGreaterThan(8)
    expect((await history.clientEvents(rows, query)).map(key)).toEqual(expect.arrayContaining(wanted))
  })

  it('are only those received within the window', async () => {
    const found = await history.clientEvents(rows, { events: [event(31, 59)], windowS: 59 })
    expect(found.map(key)).toEqual(
      (await expected.clientEvents(rows, { events: [event(31)], windowS: 0 })).map(key),
    )
    expect(found).toHaveLength(1)
    expect(await history.clientEvents(rows, { events: [event(31, 60)], windowS: 59 })).toEqual([])
  })

  it('are found for more events than one query can name', async () => {
    const many = Array.from({ length: 3_000 }, (_, index) =>
      anEnrichedEvent({ ...event(31), clientEventId: `${index} ${'x'.repeat(190)}` }),
    )
    const query = { events: [event(1), ...many, event(2)], windowS: 1 }
    const wanted = (await expected.clientEvents(rows, query)).map(key)
    expect(wanted).toHaveLength(2)
    expect((await history.clientEvents(rows, query)).map(key)).toEqual(expect.arrayContaining(wanted))
  })
})
