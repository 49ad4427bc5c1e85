/** What @clickhouse/client asks of a server, asked of the engine process. */
import { Readable } from 'node:stream'
import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anEngine, type TestEngine } from './testing.ts'

let engine: TestEngine
let client: ClickHouseClient
const log = { level: ClickHouseLogLevel.OFF }

beforeAll(async () => {
  engine = await anEngine()
  client = createClient({ url: engine.url, log })
  await client.command({ query: 'CREATE DATABASE d' })
  await client.command({ query: 'CREATE TABLE d.t (id UInt64, s String) ENGINE = MergeTree ORDER BY id' })
})
afterAll(async () => {
  await client.close()
  await engine.close()
})

const rowsOf = async <Row>(query: string, query_params: Record<string, unknown> = {}) =>
  (await client.query({ query, query_params, format: 'JSONEachRow' })).json<Row>()

describe('@clickhouse/client', () => {
  it('pings', async () => {
    expect(await client.ping()).toEqual({ success: true })
    expect(await client.ping({ select: true })).toEqual({ success: true })
  })

  it('reads JSON and JSONEachRow', async () => {
    const json = await (await client.query({ query: 'SELECT 1 AS a UNION ALL SELECT 1' })).json()
    expect(json).toMatchObject({ meta: [{ name: 'a', type: 'UInt8' }], data: [{ a: 1 }, { a: 1 }], rows: 2 })
    expect(await rowsOf('SELECT number FROM numbers(3)')).toEqual([
      { number: 0 },
      { number: 1 },
      { number: 2 },
    ])
  })

  it.each([
    ['String', 'it\'s "quoted"\\ with\nnew\tlines, é😀 and {x:String}; --', undefined],
    ['String', '', undefined],
    ['UInt64', '18446744073709551615', undefined],
    ['Int32', -5, -5],
    ['Float64', 1.5, 1.5],
    ['Bool', true, true],
    ['Nullable(String)', null, null],
    ['Array(String)', ["a'b", 'c\nd', 'é', '\\'], undefined],
    ['Array(Array(UInt8))', [[1], [], [2, 3]], undefined],
    ['Map(String, UInt8)', { "k'": 1 }, undefined],
    ['Date', '2026-01-31', undefined],
    ['DateTime', '2026-01-31 23:59:59', undefined],
    ["DateTime64(3, 'UTC')", new Date('2026-01-31T23:59:59.123Z'), '2026-01-31 23:59:59.123'],
  ])('binds %s %j', async (type, value, expected) => {
    const [row] = await rowsOf<{ v: unknown }>(
      `SELECT {v:${type}} AS v SETTINGS output_format_json_quote_64bit_integers = 1`,
      { v: value },
    )
    expect(row?.v).toEqual(expected === undefined ? value : expected)
  })

  it('binds identifiers', async () => {
    const [row] = await rowsOf('SELECT count() AS c FROM {db:Identifier}.{t:Identifier}', {
      db: 'system',
      t: 'one',
    })
    expect(row).toEqual({ c: 1 })
  })

  it('binds a parameter too long for a URL', async () => {
    const long = 'é'.repeat(50_000)
    const result = await client.query({
      query: 'SELECT length({v:String}) AS n',
      query_params: { v: long },
      format: 'JSONEachRow',
      use_multipart_params: true,
    })
    expect(await result.json()).toEqual([{ n: 100_000 }])
  })

  it('keeps parameters of queries at the same moment apart', async () => {
    const values = Array.from({ length: 100 }, (_, index) => `v${index}`)
    const answers = await Promise.all(
      values.map((v) => rowsOf<{ v: string }>('SELECT {v:String} AS v', { v })),
    )
    expect(answers.map(([row]) => row?.v)).toEqual(values)
  })

  it('inserts arrays and streams of objects, and says how many', async () => {
    const values = [
      { id: 1, s: "a'b\nc" },
      { id: 2, s: 'é😀\\' },
    ]
    const { summary } = await client.insert({ table: 'd.t', values, format: 'JSONEachRow' })
    expect(summary).toMatchObject({ written_rows: '2', read_rows: '2' })
    const stream = Readable.from([{ id: 3, s: 'stream' }])
    await client.insert({ table: 'd.t', values: stream, format: 'JSONEachRow' })
    expect(await rowsOf('SELECT * FROM d.t ORDER BY id')).toEqual([...values, { id: 3, s: 'stream' }])
  })

  it('inserts CSV bytes', async () => {
    await client.command({ query: 'CREATE TABLE d.csv (a UInt8, s String) ENGINE = Memory' })
    await client.insert({
      table: 'd.csv',
      values: Readable.from(['1,"a\nb"\n2,c\n'], { objectMode: false }),
      format: 'CSV',
    })
    expect(await rowsOf('SELECT * FROM d.csv ORDER BY a')).toEqual([
      { a: 1, s: 'a\nb' },
      { a: 2, s: 'c' },
    ])
  })

  it('compresses requests and answers', async () => {
    const zipped = createClient({ url: engine.url, log, compression: { request: true, response: true } })
    await client.command({ query: 'CREATE TABLE d.z (s String) ENGINE = Memory' })
    const values = Array.from({ length: 20_000 }, (_, index) => ({ s: `line ${index}` }))
    await zipped.insert({ table: 'd.z', values, format: 'JSONEachRow' })
    const result = await zipped.query({ query: 'SELECT s FROM d.z', format: 'JSONEachRow' })
    expect(result.response_headers['content-encoding']).toBe('gzip')
    expect(await result.json()).toEqual(values)
    await zipped.close()
  })

  it('gives settings to one query only', async () => {
    const read = async (settings: Record<string, string>) => {
      const query = "SELECT getSetting('max_block_size') AS v"
      const result = await client.query({ query, format: 'JSONEachRow', clickhouse_settings: settings })
      return (await result.json<{ v: number }>())[0]?.v
    }
    const before = await read({})
    expect(await read({ max_block_size: '123' })).toBe(123)
    await client.command({ query: 'SET max_block_size = 124' })
    for (let time = 0; time < 20; time++) expect(await read({})).toBe(before)
  })

  it('reads in the database of the client', async () => {
    const within = createClient({ url: engine.url, log, database: 'd' })
    expect(
      (await (await within.query({ query: 'SELECT currentDatabase() AS d' })).json<{ d: string }>()).data,
    ).toEqual([{ d: 'd' }])
    await expect(
      createClient({ url: engine.url, log, database: 'nope' }).query({ query: 'SELECT 1' }),
    ).rejects.toMatchObject({ code: '81', type: 'UNKNOWN_DATABASE' })
    await within.close()
  })

  it('keeps the settings and temporary tables of a session, and what a request set only for it', async () => {
    const session = createClient({ url: engine.url, log, session_id: 's1' })
    await session.command({ query: 'CREATE TEMPORARY TABLE tmp (a UInt8)' })
    await session.command({ query: 'SET max_threads = 1' })
    await session.insert({ table: 'tmp', values: [{ a: 7 }], format: 'JSONEachRow' })
    const query = "SELECT a, getSetting('max_threads') AS t, getSetting('max_block_size') AS b FROM tmp"
    const ask = async (clickhouse_settings: Record<string, string>) =>
      (await session.query({ query, format: 'JSONEachRow', clickhouse_settings })).json()
    expect(await ask({ max_block_size: '99' })).toEqual([{ a: 7, t: 1, b: 99 }])
    expect(await ask({})).toEqual([{ a: 7, t: 1, b: 65_409 }])
    await expect(client.query({ query: 'SELECT * FROM tmp' })).rejects.toMatchObject({ code: '60' })
    await session.close()
  })

  it.each([
    ['SELECT nope', '47', 'UNKNOWN_IDENTIFIER'],
    ['SELECT * FROM nope', '60', 'UNKNOWN_TABLE'],
    ['SELECT throwIf(number = 5) FROM numbers(10)', '395', 'FUNCTION_THROW_IF_VALUE_IS_NON_ZERO'],
    ['SELECT {missing:String}', '456', 'UNKNOWN_QUERY_PARAMETER'],
    ['SELECT 1; SELECT 2', '62', 'SYNTAX_ERROR'],
  ])('maps the error of %j', async (query, code, type) => {
    await expect(client.query({ query })).rejects.toMatchObject({ code, type })
  })

  it('refuses data that does not parse and stores none of it', async () => {
    await client.command({ query: 'CREATE TABLE d.strict (a UInt8) ENGINE = MergeTree ORDER BY a' })
    const values = Readable.from(['{"a":1}\n{"a":"x"}\n'], { objectMode: false })
    const bad = client.exec({ query: 'INSERT INTO d.strict FORMAT JSONEachRow', values })
    await expect(bad).rejects.toMatchObject({ code: '27' })
    expect(await rowsOf('SELECT count() AS c FROM d.strict')).toEqual([{ c: 0 }])
  })

  it('streams five million rows without holding them', async () => {
    const before = engine.rssBytes()
    const query = 'SELECT number, toString(number) AS s FROM numbers(5000000)'
    const result = await client.query({ query, format: 'JSONCompactEachRow' })
    let rows = 0
    let most = 0
    for await (const chunk of result.stream()) {
      rows += chunk.length
      most = Math.max(most, engine.rssBytes())
    }
    expect(rows).toBe(5_000_000)
    expect(most - before).toBeLessThan(150 * 1024 ** 2)
  }, 60_000)

  it('is told of an error behind rows that were sent', async () => {
    const query = 'SELECT throwIf(number = 3000000) AS x FROM numbers(5000000)'
    const result = await client.query({ query, format: 'JSONEachRow' })
    const readAll = async () => {
      let rows = 0
      for await (const chunk of result.stream()) rows += chunk.length
      return rows
    }
    await expect(readAll()).rejects.toMatchObject({ code: '395' })
  })

  it('ends a query nobody waits for', async () => {
    const gone = new AbortController()
    const query_id = `abandoned-${process.pid}`
    const query = 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1'
    const asked = client.query({ query, query_id, abort_signal: gone.signal })
    const running = async () =>
      (
        await rowsOf("SELECT 1 FROM system.processes WHERE Settings['log_comment'] = {id:String}", {
          id: query_id,
        })
      ).length
    await expect.poll(running, { timeout: 10_000 }).toBe(1)
    gone.abort()
    await expect(asked).rejects.toThrow()
    await expect.poll(running, { timeout: 10_000 }).toBe(0)
  })

  it('runs queries beside a long one', async () => {
    const long = client.query({
      query: 'SELECT sleepEachRow(1) FROM numbers(2) SETTINGS max_block_size = 1',
      format: 'CSV',
    })
    const startedAt = performance.now()
    await rowsOf('SELECT 1')
    expect(performance.now() - startedAt).toBeLessThan(1_500)
    expect(await (await long).text()).toBe('0\n0\n')
  })
})
