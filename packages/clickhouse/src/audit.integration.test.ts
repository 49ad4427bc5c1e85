import { randomBytes } from 'node:crypto'
import { startEmbeddedClickHouse } from '@millrace/embedded-clickhouse'
import { topics } from '@millrace/events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  auditDelivery,
  deadLettersTable,
  droppedEventsTable,
  eventsTable,
  passedOverTable,
  type AuditRow,
  type EventRow,
  type Store,
} from './index.ts'
import {
  aDeadLetterRow,
  aDroppedEventRow,
  anEventRow,
  openTestDatabase,
  type TestDatabase,
} from './testing.ts'

let database: TestDatabase
let store: Store

beforeAll(async () => {
  database = await openTestDatabase(startEmbeddedClickHouse)
  store = database.store
})

afterAll(() => database.close())

describe('delivery_audit', () => {
  const now = Math.floor(Date.now() / 1000)
  let partitions = 1000
  type Place = readonly [kafkaOffset: number, rawOffset: number]

  interface Books {
    readonly events?: readonly Place[]
    readonly dropped?: readonly Place[]
    readonly sinkLetters?: readonly number[]
    readonly enricherLetters?: readonly number[]
    readonly passedOver?: readonly Place[]
  }

  async function audited(books: Books): Promise<AuditRow | undefined> {
    const kafkaPartition = partitions++
    const token = randomBytes(8).toString('hex')
    const places = (list: readonly Place[] = []): { kafkaOffset: number; rawOffset: number }[] =>
      list.map(([kafkaOffset, rawOffset]) => ({ kafkaOffset, rawOffset }))
    await store.insert({
      table: eventsTable,
      rows: places(books.events).map((place) =>
        anEventRow({
          kafkaPartition,
          ...place,
          timestamp: now,
          sessionStart: now,
          ingestedAt: now,
          site: 'audit',
        }),
      ),
      token,
    })
    await store.insert({
      table: droppedEventsTable,
      rows: places(books.dropped).map((place) =>
        aDroppedEventRow({ kafkaPartition, ...place, timestamp: now }),
      ),
      token,
    })
    await store.insert({
      table: passedOverTable,
      rows: places(books.passedOver).map((place) => ({ kafkaPartition, ...place })),
      token,
    })
    const letters = [
      ...(books.sinkLetters ?? []).map((kafkaOffset) => ({ topic: topics.enriched, kafkaOffset })),
      ...(books.enricherLetters ?? []).map((kafkaOffset) => ({ topic: topics.raw, kafkaOffset })),
    ]
    await store.insert({
      table: deadLettersTable,
      rows: letters.map((letter) => aDeadLetterRow({ kafkaPartition, ...letter, timestamp: now })),
      token,
    })
    return (await auditDelivery(store)).find((row) => row.partition === kafkaPartition)
  }

  const clean = { gaps: 0, duplicates: 0, rawDuplicates: 0, repeats: 0 }

  it.each<[string, Books, Record<string, number>]>([
    [
      'every place has its row',
      {
        events: [
          [10, 100],
          [11, 101],
        ],
        dropped: [[12, 102]],
        sinkLetters: [13],
      },
      {
        ...clean,
        rows: 4,
        events: 2,
        dropped: 1,
        deadLetters: 1,
        offsets: 4,
        firstOffset: 10,
        lastOffset: 13,
      },
    ],
    [
      'a lost record is a gap',
      {
        events: [
          [1, 1],
          [3, 3],
        ],
      },
      { ...clean, gaps: 1 },
    ],
    [
      'several lost records are counted',
      {
        events: [
          [1, 1],
          [9, 9],
        ],
      },
      { ...clean, gaps: 7 },
    ],
    [
      'a lost drop is a gap',
      {
        events: [
          [1, 1],
          [4, 4],
        ],
        dropped: [[2, 2]],
      },
      { ...clean, gaps: 1 },
    ],
    [
      'a row that is there twice is a duplicate',
      {
        events: [
          [1, 1],
          [2, 2],
          [2, 2],
        ],
      },
      { ...clean, duplicates: 1, rawDuplicates: 1 },
    ],
    [
      'an event that is also dropped is a duplicate',
      {
        events: [
          [1, 1],
          [2, 2],
        ],
        dropped: [[2, 2]],
      },
      { ...clean, duplicates: 1, rawDuplicates: 1 },
    ],
    [
      'an event that is also a dead letter is a duplicate',
      {
        events: [
          [1, 1],
          [2, 2],
        ],
        sinkLetters: [2],
      },
      { ...clean, duplicates: 1 },
    ],
    [
      'a repeat that was stored is a raw duplicate',
      {
        events: [
          [1, 1],
          [2, 2],
          [3, 2],
        ],
      },
      { ...clean, rawDuplicates: 1 },
    ],
    [
      'a repeated range that was stored counts each row',
      {
        events: [
          [1, 1],
          [2, 2],
          [3, 3],
          [4, 2],
          [5, 3],
          [6, 4],
        ],
      },
      { ...clean, rawDuplicates: 2 },
    ],
    [
      'a repeat that was skipped is no gap',
      {
        events: [
          [1, 1],
          [2, 2],
          [5, 3],
        ],
      },
      { ...clean, repeats: 2 },
    ],
    [
      "a producer's resend is no gap",
      {
        events: [
          [1, 1],
          [2, 5],
        ],
      },
      clean,
    ],
    [
      'a loss beside a skipped repeat is seen',
      {
        events: [
          [1, 1],
          [5, 3],
        ],
      },
      { ...clean, gaps: 1, repeats: 2 },
    ],
    [
      'a repeat beside a resend is no gap where the sink passed it over',
      {
        events: [
          [1, 1],
          [3, 3],
        ],
        passedOver: [[2, 1]],
      },
      { ...clean, repeats: 1 },
    ],
    [
      'what was passed over twice explains one place',
      {
        events: [
          [1, 1],
          [4, 4],
        ],
        passedOver: [
          [2, 1],
          [2, 1],
        ],
      },
      { ...clean, gaps: 1, repeats: 1 },
    ],
    [
      'a loss among repeats that were passed over is seen',
      {
        events: [
          [1, 1],
          [6, 3],
          [8, 5],
        ],
        passedOver: [
          [2, 0],
          [3, 1],
          [5, 1],
        ],
      },
      { ...clean, gaps: 2, repeats: 3 },
    ],
    [
      'what was passed over before the first row and behind the last explains nothing between',
      {
        events: [
          [5, 5],
          [7, 7],
        ],
        passedOver: [
          [4, 4],
          [8, 6],
        ],
      },
      { ...clean, gaps: 1 },
    ],
    [
      "the sink's dead letters are no gap",
      {
        events: [
          [1, 1],
          [4, 4],
        ],
        sinkLetters: [2, 3],
      },
      { ...clean, deadLetters: 2 },
    ],
    [
      "a loss beside the sink's dead letter is seen",
      {
        events: [
          [1, 1],
          [4, 4],
        ],
        sinkLetters: [2],
      },
      { ...clean, gaps: 1 },
    ],
    [
      "the enricher's dead letters are no gap, also beside a repeat",
      {
        events: [
          [1, 1],
          [3, 3],
        ],
        enricherLetters: [2],
      },
      { ...clean, repeats: 1, rows: 2 },
    ],
    [
      'a dead letter written twice counts once',
      { events: [[1, 1]], sinkLetters: [2, 2] },
      { ...clean, rows: 2, deadLetters: 1 },
    ],
    [
      'a partition with drops only has books',
      {
        dropped: [
          [7, 7],
          [9, 9],
        ],
      },
      { ...clean, gaps: 1, rows: 2, firstOffset: 7 },
    ],
  ])('%s', async (_case, books, expected) => {
    expect(await audited(books)).toMatchObject(expected)
  })

  it('leaves out what was inserted more than 14 days ago', async () => {
    const kafkaPartition = partitions++
    const old = now - 15 * 86_400
    const row = (kafkaOffset: number, ingestedAt: number): EventRow =>
      anEventRow({ kafkaPartition, kafkaOffset, rawOffset: kafkaOffset, timestamp: now, ingestedAt })
    const rows = [row(1, old), row(5, now), row(6, now)]
    await store.insert({ table: eventsTable, rows, token: 'old' })
    const found = (await auditDelivery(store)).find((books) => books.partition === kafkaPartition)
    expect(found).toMatchObject({ rows: 2, firstOffset: 5, gaps: 0 })
  })
})

describe('dead letters', () => {
  it('keep the bytes as they were, and collapse by place', async () => {
    const record = Buffer.from([0x00, 0xff, 0xfe, 0x27])
    for (const cause of ['first', 'second']) {
      await store.insert({
        table: deadLettersTable,
        rows: [aDeadLetterRow({ kafkaPartition: 7, kafkaOffset: 77, record, cause })],
        token: `letters:${cause}`,
      })
    }
    expect(
      await store.query(
        'SELECT hex(record) AS record, cause FROM dead_letters FINAL WHERE kafka_partition = 7 AND kafka_offset = 77',
      ),
    ).toEqual([{ record: '00FFFE27', cause: 'second' }])
  })
})

describe('dropped events', () => {
  it('of two months go into one insert', async () => {
    const now = Date.now() / 1000
    const rows = [0, 25, 3].map((days, index) =>
      aDroppedEventRow({ site: 'drops', timestamp: Math.floor(now - days * 86_400), kafkaOffset: index }),
    )
    await store.insert({ table: droppedEventsTable, rows, token: 'drops' })
    expect(await store.query("SELECT count() AS rows FROM dropped_events WHERE site = 'drops'")).toEqual([
      { rows: '3' },
    ])
  })
})
