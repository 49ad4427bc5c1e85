import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startEmbeddedClickHouse } from '@millrace/embedded-clickhouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createStore, eventsTable, type Store, type StoreOptions, type Table } from './index.ts'
import { describeStoreContract } from './store-contract.ts'
import { anEventRow, freshDatabaseName, openTestDatabase, type TestDatabase } from './testing.ts'

let database: TestDatabase
let store: Store
let options: StoreOptions

beforeAll(async () => {
  database = await openTestDatabase(startEmbeddedClickHouse)
  store = database.store
  options = database.options
})

afterAll(() => database.close())

describeStoreContract('the store at a server', () => ({
  store,
  offsets: async (partition) => {
    const rows = await store.query<{ kafka_offset: string }>(
      'SELECT kafka_offset FROM events WHERE kafka_partition = {partition:UInt16} ORDER BY kafka_offset',
      { partition },
    )
    return rows.map((row) => Number(row.kafka_offset))
  },
}))

describe('values come back as they went in', () => {
  interface Row {
    readonly id: number
    readonly value: unknown
  }
  const longText = 'é'.repeat(70_000)
  const manyStrings = Array.from({ length: 70_000 }, (_, index) => `value ${index}`)

  it.each<[string, (value: (row: Row) => never) => Table<Row>['columns'][number], unknown[], unknown[]]>([
    ['UInt8', (read) => ({ name: 'value', type: 'UInt8', read }), [0, 1, 255], [0, 1, 255]],
    ['UInt16', (read) => ({ name: 'value', type: 'UInt16', read }), [0, 256, 65535], [0, 256, 65535]],
    ['UInt32', (read) => ({ name: 'value', type: 'UInt32', read }), [0, 4294967295], [0, 4294967295]],
    [
      'Int32',
      (read) => ({ name: 'value', type: 'Int32', read }),
      [-2147483648, 2147483647],
      [-2147483648, 2147483647],
    ],
    [
      'Int64',
      (read) => ({ name: 'value', type: 'Int64', read }),
      [-1, -(2 ** 53 - 1), 2 ** 53 - 1],
      ['-1', '-9007199254740991', '9007199254740991'],
    ],
    [
      'UInt64',
      (read) => ({ name: 'value', type: 'UInt64', from: 'number', read }),
      [0, 4294967296, 2 ** 53 - 1],
      ['0', '4294967296', '9007199254740991'],
    ],
    [
      'UInt64',
      (read) => ({ name: 'value', type: 'UInt64', from: 'hex', read }),
      ['0000000000000000', 'ffffffffffffffff', '8000000000000001'],
      ['0', '18446744073709551615', '9223372036854775809'],
    ],
    ['Bool', (read) => ({ name: 'value', type: 'Bool', read }), [true, false], [true, false]],
    [
      "DateTime('UTC')",
      (read) => ({ name: 'value', type: "DateTime('UTC')", read }),
      [0, 1763719200, 4294967295],
      ['1970-01-01 00:00:00', '2025-11-21 10:00:00', '2106-02-07 06:28:15'],
    ],
    [
      'Decimal(18, 4)',
      (read) => ({ name: 'value', type: 'Decimal(18, 4)', read }),
      ['', '0.1', '-0.0001', '99999999999999.9999', '-99999999999999.9999', '90071992547409.9301'],
      ['0', '0.1', '-0.0001', '99999999999999.9999', '-99999999999999.9999', '90071992547409.9301'],
    ],
    [
      'String',
      (read) => ({ name: 'value', type: 'String', read }),
      ['', 'a\u0000b', '"\\\n\t', '😀', 'a\ud800b', longText],
      ['', 'a\u0000b', '"\\\n\t', '😀', 'a\ufffdb', longText],
    ],
    [
      'LowCardinality(String)',
      (read) => ({ name: 'value', type: 'LowCardinality(String)', read }),
      ['', 'a', '', 'ü', 'a', '__proto__'],
      ['', 'a', '', 'ü', 'a', '__proto__'],
    ],
    [
      'LowCardinality(String)',
      (read) => ({ name: 'value', type: 'LowCardinality(String)', read }),
      manyStrings.slice(0, 300),
      manyStrings.slice(0, 300),
    ],
    [
      'LowCardinality(String)',
      (read) => ({ name: 'value', type: 'LowCardinality(String)', read }),
      manyStrings,
      manyStrings,
    ],
    [
      'Map(LowCardinality(String), String)',
      (read) => ({ name: 'value', type: 'Map(LowCardinality(String), String)', read }),
      [
        [],
        [['a', '1']],
        [],
        [
          ['b', ''],
          ['a', 'ü'],
        ],
      ],
      [{}, { a: '1' }, {}, { b: '', a: 'ü' }],
    ],
    [
      'Map(LowCardinality(String), String)',
      (read) => ({ name: 'value', type: 'Map(LowCardinality(String), String)', read }),
      [[], []],
      [{}, {}],
    ],
  ])('%s', async (type, column, values, expected) => {
    const name = `values_${randomBytes(4).toString('hex')}`
    await store.command(`CREATE TABLE ${name} (id UInt32, value ${type}) ENGINE = MergeTree ORDER BY id`)
    const columns: Table<Row>['columns'] = [
      { name: 'id', type: 'UInt32', read: (row) => row.id },
      column((row) => row.value as never),
    ]
    await store.insert({
      table: { name, columns },
      rows: values.map((value, id) => ({ id, value })),
      token: name,
    })
    const rows = await store.query<Row>(`SELECT value FROM ${name} ORDER BY id`)
    expect(rows.map((row) => row.value)).toEqual(expected)
  })

  it('a session id keeps all 64 bits and splits into start and hash', async () => {
    const row = anEventRow({ kafkaPartition: 201, sessionStart: 1763719200, sessionHash: 0xfedcba98 })
    await store.insert({ table: eventsTable, rows: [row], token: 'values:201' })
    const [found] = await store.query(
      'SELECT session_id, bitShiftRight(session_id, 32) AS start FROM events WHERE kafka_partition = 201',
    )
    expect(found).toEqual({ session_id: String((1763719200n << 32n) | 0xfedcba98n), start: '1763719200' })
  })

  it('an event row has every value in the column of its name', async () => {
    const timestamp = Date.UTC(2026, 10, 3, 4, 5, 6) / 1000
    const row = anEventRow({
      kafkaPartition: 202,
      kafkaOffset: 7_000_000_001,
      rawOffset: 6_999_999_000,
      timestamp,
      receivedAt: timestamp * 1000 + 1_999,
      ingestedAt: timestamp + 2,
      userId: 'ffffffffffffffff',
      props: [['plan', 'pro']],
      revenue: '12.34',
      currency: 'EUR',
      interactive: true,
      isBot: true,
      scrollDepth: 255,
    })
    await store.insert({ table: eventsTable, rows: [row], token: 'values:202' })
    const [found] = await store.query(
      'SELECT *, raw_offset, ingested_at, received_at FROM events WHERE kafka_partition = 202',
    )
    expect(found).toMatchObject({
      site: row.site,
      name: row.name,
      timestamp: '2026-11-03 04:05:06',
      user_id: '18446744073709551615',
      hostname: row.hostname,
      pathname: row.pathname,
      channel: row.channel,
      country: row.country,
      subdivision1: row.subdivision1,
      city_geoname_id: row.cityGeonameId,
      city: row.city,
      browser: row.browser,
      browser_version: row.browserVersion,
      os: row.os,
      device: row.device,
      language: row.language,
      props: { plan: 'pro' },
      scroll_depth: 255,
      interactive: 1,
      revenue: '12.34',
      currency: 'EUR',
      is_bot: 1,
      kafka_partition: 202,
      kafka_offset: '7000000001',
      raw_offset: '6999999000',
      ingested_at: '2026-11-03 04:05:08',
      received_at: '2026-11-03 04:05:07',
      enrichment_version: row.enrichmentVersion,
    })
  })
})

describe('inserts', () => {
  it('of many rows are one part, stored once when several send the same at once', async () => {
    const rows = Array.from({ length: 10_000 }, (_, kafkaOffset) =>
      anEventRow({ kafkaPartition: 203, kafkaOffset }),
    )
    const batch = { table: eventsTable, rows, token: 'inserts:203' }
    await Promise.all([store.insert(batch), store.insert(batch), store.insert(batch)])
    const [found] = await store.query(
      'SELECT count() AS rows, uniqExact(_part) AS parts FROM events WHERE kafka_partition = 203',
    )
    expect(found).toEqual({ rows: '10000', parts: '1' })
  })

  it('under different tokens do not mix their buffers when they run at once', async () => {
    const partitions = Array.from({ length: 8 }, (_, index) => 210 + index)
    await Promise.all(
      partitions.map((kafkaPartition) => {
        const rows = Array.from({ length: 1_000 }, (_, kafkaOffset) =>
          anEventRow({ kafkaPartition, kafkaOffset, pathname: `/${kafkaPartition}/${kafkaOffset}` }),
        )
        return store.insert({ table: eventsTable, rows, token: `inserts:${kafkaPartition}` })
      }),
    )
    const found = await store.query<{ p: number; rows: string; right: string }>(
      `SELECT kafka_partition AS p, count() AS rows,
        countIf(pathname = concat('/', toString(kafka_partition), '/', toString(kafka_offset))) AS right
       FROM events WHERE kafka_partition BETWEEN 210 AND 217 GROUP BY p ORDER BY p`,
    )
    expect(found).toEqual(partitions.map((p) => ({ p, rows: '1000', right: '1000' })))
  })
})

describe('the table of events', () => {
  const explained = async (sql: string): Promise<string> =>
    (await store.query<{ explain: string }>(`EXPLAIN indexes = 1 ${sql}`))
      .map((row) => row.explain)
      .join('\n')

  it('knows how far a partition is stored without reading its rows', async () => {
    const rows = [5, 9].map((kafkaOffset) =>
      anEventRow({ kafkaPartition: 230, kafkaOffset, rawOffset: kafkaOffset + 4 }),
    )
    await store.insert({ table: eventsTable, rows, token: 'events:230' })
    const ask =
      'SELECT max(kafka_offset) AS last, max(raw_offset) AS raw FROM events WHERE kafka_partition = 230'
    expect(await store.query(ask)).toEqual([{ last: '9', raw: '13' }])
    expect(await explained(ask)).toContain('ReadFromMergeTree (pj_places)')
  })

  it('is read only as far as it was received within a time', async () => {
    const timestamp = Date.UTC(2020, 1, 1) / 1000
    const row = anEventRow({ kafkaPartition: 232, timestamp, receivedAt: Date.UTC(2031, 5, 6, 7) })
    await store.insert({ table: eventsTable, rows: [row], token: 'events:232' })
    const ask = "SELECT kafka_partition FROM events WHERE received_at > '2031-06-06 06:59:59'"
    expect(await store.query(ask)).toEqual([{ kafka_partition: 232 }])
    expect(await explained(ask)).toMatch(/Name: ix_received_at[\s\S]*Parts: 1\//)
  })

  it('lets a visitor be deleted', async () => {
    const row = anEventRow({ kafkaPartition: 231, userId: '00000000000000ff' })
    await store.insert({ table: eventsTable, rows: [row], token: 'events:231' })
    await store.command('DELETE FROM events WHERE user_id = 255 SETTINGS lightweight_deletes_sync = 2')
    expect(await store.query('SELECT count() AS rows FROM events WHERE user_id = 255')).toEqual([
      { rows: '0' },
    ])
  })
})

describe('errors', () => {
  it('a missing table or database is SCHEMA_MISSING', async () => {
    await expect(store.query('SELECT * FROM nowhere')).rejects.toMatchObject({ code: 'SCHEMA_MISSING' })
    const elsewhere = createStore({ ...options, database: freshDatabaseName() })
    await expect(elsewhere.query('SELECT * FROM events')).rejects.toMatchObject({
      code: 'SCHEMA_MISSING',
      retriable: false,
    })
    await elsewhere.close()
  })

  it('a wrong statement is STATEMENT_REFUSED', async () => {
    await expect(store.command('SELEC 1')).rejects.toMatchObject({
      code: 'STATEMENT_REFUSED',
      serverCode: 62,
    })
  })

  it('what a constraint refuses is DATA_REFUSED, and nothing of the batch is stored', async () => {
    await store.command(
      'CREATE TABLE picky (n UInt8, CONSTRAINT small CHECK n < 10) ENGINE = MergeTree ORDER BY n',
    )
    const table: Table<number> = {
      name: 'picky',
      columns: [{ name: 'n', type: 'UInt8', read: (row) => row }],
    }
    await expect(store.insert({ table, rows: [1, 2, 11], token: 'picky' })).rejects.toMatchObject({
      code: 'DATA_REFUSED',
      serverCode: 469,
    })
    expect(await store.query('SELECT count() AS rows FROM picky')).toEqual([{ rows: '0' }])
  })

  it('what a view refuses is VIEW_REFUSED, and the same insert after its repair gives each table its rows once', async () => {
    const states = 'SELECT sum(pageviews) AS views FROM session_states'
    const [before] = await store.query<{ views: string }>(states)
    await store.command(
      `CREATE MATERIALIZED VIEW a_view ENGINE = MergeTree ORDER BY x AS
       SELECT throwIf(scroll_depth = 77) AS x FROM events`,
    )
    const rows = [0, 77].map((scrollDepth, kafkaOffset) =>
      anEventRow({ kafkaPartition: 240, kafkaOffset, scrollDepth }),
    )
    const batch = { table: eventsTable, rows, token: 'errors:240' }
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(store.insert(batch)).rejects.toMatchObject({ code: 'VIEW_REFUSED', retriable: true })
    }
    await store.command('DROP VIEW a_view')
    await store.insert(batch)
    const counted = 'SELECT count() AS rows FROM events WHERE kafka_partition = 240'
    expect(await store.query(counted)).toEqual([{ rows: '2' }])
    expect(await store.query(states)).toEqual([{ views: String(Number(before?.views) + 2) }])
  })

  it('an error behind the first rows of an answer is an error, not a short answer', async () => {
    await expect(
      store.query('SELECT throwIf(number = 200000) AS x FROM numbers(300000)'),
    ).rejects.toMatchObject({ retriable: false })
  })

  it('no server is STORE_UNAVAILABLE', async () => {
    const nobody = createStore({ ...options, url: 'http://127.0.0.1:1' })
    await expect(nobody.ping()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retriable: true })
    await nobody.close()
  })

  it('a server that does not answer in time is STORE_UNAVAILABLE', async () => {
    const silent = await listen(createServer(() => undefined))
    const waiting = createStore({ ...options, url: silent.url, requestMsMax: 200 })
    await expect(
      waiting.insert({ table: eventsTable, rows: [anEventRow()], token: 'silent' }),
    ).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('within 200 ms') as string,
    })
    await waiting.close()
    await silent.close()
  })

  it('a proxy that answers 503 is STORE_UNAVAILABLE', async () => {
    const proxy = await listen(
      createServer((request, response) => {
        request.resume()
        response.writeHead(503).end('<html>try later</html>')
      }),
    )
    const blocked = createStore({ ...options, url: proxy.url })
    await expect(blocked.query('SELECT 1')).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      retriable: true,
    })
    await blocked.close()
    await proxy.close()
  })
})

async function listen(server: Server): Promise<{ url: string; close: () => Promise<void> }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}
