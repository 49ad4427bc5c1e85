/** Inserts: bytes as they are, one block a request, tokens as they are sent. */
import { gzipSync } from 'node:zlib'
import { Readable } from 'node:stream'
import { createClient, type ClickHouseClient } from '@clickhouse/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anEngine, type TestEngine } from './testing.ts'

let engine: TestEngine
let client: ClickHouseClient

const window = 'SETTINGS non_replicated_deduplication_window = 1000'

beforeAll(async () => {
  engine = await anEngine()
  client = createClient({ url: engine.url })
  for (const query of [
    'CREATE DATABASE d',
    `CREATE TABLE d.t (id UInt64, s String, k LowCardinality(String) DEFAULT 'none') ENGINE = MergeTree ORDER BY id ${window}`,
    `CREATE TABLE d.sums (k UInt8, c UInt64) ENGINE = SummingMergeTree ORDER BY k ${window}`,
    'CREATE MATERIALIZED VIEW d.view TO d.sums AS SELECT toUInt8(id % 3) AS k, count() AS c FROM d.t GROUP BY k',
  ]) {
    await client.command({ query })
  }
})
afterAll(async () => {
  await client.close()
  await engine.close()
})

async function figures(): Promise<{ rows: number; viewed: number; parts: number; hash: string }> {
  const query = `SELECT (SELECT count() FROM d.t) AS rows, (SELECT sum(c) FROM d.sums) AS viewed,
    (SELECT count() FROM system.parts WHERE active AND database = 'd' AND table = 't') AS parts,
    (SELECT toString(sum(cityHash64(id, s))) FROM d.t) AS hash
    SETTINGS output_format_json_quote_64bit_integers = 0`
  const [row] = await (
    await client.query({ query, format: 'JSONEachRow' })
  ).json<Awaited<ReturnType<typeof figures>>>()
  return row!
}

async function empty(): Promise<void> {
  await client.command({ query: 'TRUNCATE TABLE d.t' })
  await client.command({ query: 'TRUNCATE TABLE d.sums' })
}

/** Rows whose strings hold every byte value, in a format's bytes. */
async function bytesOf(rows: number, format: string, from = 0): Promise<Buffer> {
  const select = `SELECT number + ${from} AS id, concat(char(number % 256), toString(number), char(0, 255, 13, 10)) AS s
    FROM numbers(${rows}) FORMAT ${format} SETTINGS max_block_size = ${rows}`
  const response = await fetch(engine.url, { method: 'POST', body: select })
  return Buffer.from(await response.arrayBuffer())
}

function post(
  sql: string,
  body: Buffer | string,
  settings: Record<string, string> = {},
  headers: Record<string, string> = {},
) {
  const search = new URLSearchParams({ query: sql, ...settings })
  return fetch(`${engine.url}/?${search.toString()}`, {
    method: 'POST',
    body: new Uint8Array(Buffer.from(body)),
    headers,
  })
}

describe('an insert', () => {
  it.each([
    ['Native', 100_000],
    ['Native', 1_000_000],
    ['RowBinary', 100_000],
    ['RowBinary', 1_000_000],
    ['Parquet', 100_000],
    ['TabSeparated', 100_000],
  ])(
    'of %s stores %i rows, byte for byte, as one part',
    async (format, rows) => {
      await empty()
      const sent = await bytesOf(rows, format)
      const response = await post(`INSERT INTO d.t (id, s) FORMAT ${format}`, sent)
      expect([response.status, await response.text()]).toEqual([200, ''])
      const stored = await figures()
      const hash = `SELECT toString(sum(cityHash64(number, concat(char(number % 256), toString(number), char(0, 255, 13, 10)))))
      FROM numbers(${rows})`
      const expected = await (await fetch(engine.url, { method: 'POST', body: hash })).text()
      expect(stored).toEqual({ rows, viewed: rows, parts: 1, hash: expected.trim() })
    },
    60_000,
  )

  it('makes one part of many Native blocks', async () => {
    await empty()
    const blocks = await Promise.all(
      Array.from({ length: 50 }, (_, n) => bytesOf(1_000, 'Native', n * 1_000)),
    )
    await post('INSERT INTO d.t (id, s) FORMAT Native', Buffer.concat(blocks))
    expect(await figures()).toMatchObject({ rows: 50_000, parts: 1 })
  })

  it('says in its summary what it wrote, the targets of views included', async () => {
    await empty()
    const response = await post('INSERT INTO d.t (id, s) FORMAT Native', await bytesOf(100, 'Native'))
    const summary = JSON.parse(response.headers.get('x-clickhouse-summary') ?? '{}') as Record<string, string>
    expect(summary).toMatchObject({ written_rows: '103', result_rows: '0' })
    expect(Object.values(summary).every((value) => typeof value === 'string')).toBe(true)
  })

  it('goes by exec of @clickhouse/client with Native bytes', async () => {
    await empty()
    const values = Readable.from([await bytesOf(10_000, 'Native')], { objectMode: false })
    await client.exec({ query: 'INSERT INTO d.t (id, s) FORMAT Native', values })
    expect(await figures()).toMatchObject({ rows: 10_000 })
  })

  it('takes gzip bytes', async () => {
    await empty()
    const body = gzipSync(await bytesOf(10_000, 'RowBinary'))
    const response = await post(
      'INSERT INTO d.t (id, s) FORMAT RowBinary',
      body,
      {},
      { 'content-encoding': 'gzip' },
    )
    expect(response.status).toBe(200)
    expect(await figures()).toMatchObject({ rows: 10_000 })
  })

  it.each([
    ['INSERT INTO d.t (id, s) FORMAT CSV\n1,a\n2,b\n', ''],
    ["INSERT INTO d.t (id, s) VALUES (1, 'a;b'), (2, 'c')", ''],
    ['INSERT INTO d.t (id, s) VALUES', "(1, 'a'), (2, '')"],
    ['INSERT INTO d.t (id, s) FORMAT JSONEachRow', '{"id":1,"s":"a"}\n{"id":2,"s":"b"}'],
    ['INSERT INTO d.t (id, s) SETTINGS max_threads = 1 FORMAT TSV', '1\ta\n2\tb\n'],
  ])('%j finds its data in the query, the body, or both', async (sql, body) => {
    await empty()
    const response = await post(sql, body)
    expect([response.status, await response.text()]).toEqual([200, ''])
    expect(await figures()).toMatchObject({ rows: 2, viewed: 2 })
  })

  it('goes through input(), under its token', async () => {
    await empty()
    const sql = "INSERT INTO d.t (id, s) SELECT a + 1, upper(b) FROM input('a UInt8, b String') FORMAT CSV"
    for (const token of ['i1', 'i1', 'i2']) {
      const response = await post(sql, '1,a\n2,b\n', { insert_deduplication_token: token })
      expect([response.status, await response.text()]).toEqual([200, ''])
    }
    expect(await figures()).toMatchObject({ rows: 4, viewed: 4 })
    const stored = await fetch(engine.url, {
      method: 'POST',
      body: 'SELECT DISTINCT id, s FROM d.t ORDER BY id',
    })
    expect(await stored.text()).toBe('2\tA\n3\tB\n')
  })

  it('takes the whole statement from the body', async () => {
    await empty()
    const body = Buffer.concat([
      Buffer.from('INSERT INTO d.t (id, s) FORMAT RowBinary\n'),
      await bytesOf(300_000, 'RowBinary'),
    ])
    await fetch(engine.url, { method: 'POST', body: new Uint8Array(body) })
    expect(await figures()).toMatchObject({ rows: 300_000 })
  })

  it('stores nothing when its client breaks off', async () => {
    await empty()
    const bytes = await bytesOf(50_000, 'TabSeparated')
    const broken = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(new Uint8Array(bytes))
      },
      pull: (controller) => {
        controller.error(new Error('gone'))
      },
    })
    const init = { method: 'POST', body: broken, duplex: 'half' } as RequestInit
    await expect(fetch(`${engine.url}/?query=INSERT+INTO+d.t+(id,s)+FORMAT+TSV`, init)).rejects.toThrow()
    await post('INSERT INTO d.t (id, s) FORMAT TSV', '7\tafter\n')
    expect(await figures()).toMatchObject({ rows: 1 })
  })
})

describe('insert_deduplication_token', () => {
  const insert = async (rows: number, token?: string) => {
    const settings = token === undefined ? {} : { insert_deduplication_token: token }
    const response = await post(
      'INSERT INTO d.t (id, s) FORMAT Native',
      await bytesOf(rows, 'Native'),
      settings,
    )
    expect([response.status, await response.text()]).toEqual([200, ''])
    const { rows: stored, viewed } = await figures()
    return { stored, viewed }
  }

  it('is taken as it is sent, by the table and the target of its view', async () => {
    await empty()
    expect(await insert(100, 'millrace:3:1-9')).toEqual({ stored: 100, viewed: 100 })
    expect(await insert(100, 'millrace:3:1-9')).toEqual({ stored: 100, viewed: 100 })
    expect(await insert(150, 'millrace:3:1-9')).toEqual({ stored: 100, viewed: 100 })
    expect(await insert(100, "it's \\another")).toEqual({ stored: 200, viewed: 200 })
    expect(await insert(100, "it's \\another")).toEqual({ stored: 200, viewed: 200 })
    expect(await insert(10)).toEqual({ stored: 210, viewed: 210 })
    expect(await insert(20)).toEqual({ stored: 230, viewed: 230 })
    expect(await insert(100, 'millrace:3:1-9')).toEqual({ stored: 230, viewed: 230 })
  })

  it('stores one of many inserts under one token at the same moment', async () => {
    await empty()
    const native = await bytesOf(20_000, 'Native')
    for (let round = 0; round < 5; round++) {
      const settings = { insert_deduplication_token: `round-${round}` }
      const sent = Array.from({ length: 6 }, () =>
        post('INSERT INTO d.t (id, s) FORMAT Native', native, settings),
      )
      for (const response of await Promise.all(sent)) expect(response.status).toBe(200)
      expect(await figures()).toMatchObject({ rows: (round + 1) * 20_000, viewed: (round + 1) * 20_000 })
    }
  }, 60_000)
})
