/** What the read-only user tries, and what the engine and the endpoint make of it. */
import { existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createClient } from '@clickhouse/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anEngine, type TestEngine } from './testing.ts'

const secret = 'the secret of the file'

let engine: TestEngine
let file: string
let connections = 0
const outside = createServer((_, response) => response.end(`${secret}\n`)).on(
  'connection',
  () => connections++,
)
let outsideUrl: string

beforeAll(async () => {
  await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve))
  outsideUrl = `http://127.0.0.1:${(outside.address() as AddressInfo).port}`
  engine = await anEngine()
  file = join(engine.directory, 'secret.csv')
  writeFileSync(file, `${secret}\n`)
  for (const sql of [
    'CREATE DATABASE d',
    'CREATE TABLE d.t (a UInt8, file String) ENGINE = MergeTree ORDER BY a',
    "INSERT INTO d.t VALUES (1, 'x')",
  ]) {
    const response = await fetch(engine.url, { method: 'POST', body: sql })
    expect(response.status).toBe(200)
  }
})
afterAll(async () => {
  outside.close()
  await engine.close()
})

async function ask(
  sql: string,
  more: Record<string, string> = {},
): Promise<{ code: string | null; text: string }> {
  const search = new URLSearchParams({ user: 'readonly', ...more })
  const response = await fetch(`${engine.url}/?${search.toString()}`, { method: 'POST', body: sql })
  return { code: response.headers.get('x-clickhouse-exception-code'), text: await response.text() }
}

describe('the read-only user', () => {
  it.each([
    ['SELECT a FROM d.t', '1\n'],
    ['SELECT t.file FROM d.t AS t', 'x\n'],
    ['SHOW TABLES FROM d', 't\n'],
    ['SELECT count() FROM numbers(10)', '10\n'],
    ["SELECT count() FROM merge('d', '^t$')", '1\n'],
    ['EXISTS TABLE d.t', '1\n'],
    ["SELECT count() > 0 FROM system.tables WHERE database = 'd'", '1\n'],
    ['WITH x AS (SELECT a FROM d.t) SELECT sum(a) FROM x', '1\n'],
  ])('reads by %j', async (sql, text) => {
    expect(await ask(sql)).toEqual({ code: null, text })
  })

  it('reads through @clickhouse/client, with output settings, compression and parameters', async () => {
    const client = createClient({ url: engine.url, username: 'readonly', compression: { response: true } })
    const result = await client.query({
      query: 'SELECT {x:UInt64} AS x',
      query_params: { x: '18446744073709551615' },
      format: 'JSONEachRow',
      clickhouse_settings: { output_format_json_quote_64bit_integers: 1, max_execution_time: 5 },
    })
    expect(await result.json()).toEqual([{ x: '18446744073709551615' }])
    await client.close()
  })

  it.each([
    'INSERT INTO d.t VALUES (2)',
    'INSERT INTO d.t FORMAT TSV\n2\tx\n',
    'INSERT INTO d.t SELECT 1',
    'CREATE TABLE d.u (a UInt8) ENGINE = Memory',
    'CREATE TEMPORARY TABLE u (a UInt8)',
    'DROP TABLE d.t',
    'ALTER TABLE d.t DELETE WHERE 1',
    'DELETE FROM d.t WHERE 1',
    'TRUNCATE TABLE d.t',
    'OPTIMIZE TABLE d.t',
    'SYSTEM STOP MERGES',
    'SET readonly = 0',
    'SELECT 1 SETTINGS readonly = 0',
    'SELECT 1 SETTINGS max_memory_usage = 0',
    'SELECT * FROM d.t SETTINGS allow_ddl = 1, readonly = 2',
    'KILL QUERY WHERE 1',
    'GRANT ALL ON *.* TO default',
    'EXPLAIN PIPELINE INSERT INTO d.t SELECT 1',
    'SELECT 1 PARALLEL WITH DROP TABLE d.t',
    'SELECT 1; DROP TABLE d.t',
    'SELECT 1;DROP TABLE d.t -- ',
    'EXECUTE AS default DROP TABLE d.t',
  ])('changes nothing by %j', async (sql) => {
    const { code } = await ask(sql)
    expect(code).not.toBeNull()
    expect((await ask('SELECT a, t.file FROM d.t AS t')).text).toBe('1\tx\n')
    expect((await ask('SHOW TABLES FROM d')).text).toBe('t\n')
  })

  it.each([
    { readonly: '0' },
    { readonly: '2' },
    { max_memory_usage: '0' },
    { allow_ddl: '1' },
    { dialect: 'kusto' },
    { format_schema: '/etc/passwd' },
    { param_x: '1', log_queries: '0' },
  ])('does not get more by the setting %j', async (settings) => {
    const { code } = await ask('SELECT 1', settings)
    if (settings.readonly === undefined) expect(code).toBe('164')
    expect((await ask('DROP TABLE d.t', settings as Record<string, string>)).code).toBe('164')
  })

  it('reads no file', async () => {
    const tries = [
      `SELECT * FROM file('${file}', 'LineAsString')`,
      `SELECT file('${file}')`,
      `SELECT FILE('${file}')`,
      `SELECT \`file\`('${file}')`,
      `SELECT "fi\\x6ce"('${file}')`,
      `SELECT file/* */('${file}')`,
      `SELECT * APPLY file FROM (SELECT '${file}' AS p)`,
      `SELECT * APPLY(file) FROM (SELECT '${file}' AS p)`,
      `SELECT arrayMap(file, ['${file}'])`,
      `SELECT arrayMap(x -> file(x), ['${file}'])`,
      `DESCRIBE file('${file}')`,
      `SELECT * FROM '${file}'`,
      `SELECT * FROM \`${file}\``,
      `DESCRIBE TABLE \`${file}\``,
      `SELECT * FROM view(SELECT * FROM file('${file}', 'LineAsString'))`,
      `WITH file AS f SELECT f('${file}')`,
      `SELECT * FROM filesystem('${engine.directory}')`,
      `SELECT * FROM executable('cat ${file}', 'LineAsString', 's String')`,
      `SELECT * FROM s3('file://${file}', 'LineAsString')`,
      `SELECT * FROM url('file://${file}', 'LineAsString')`,
      `SELECT * FROM sqlite('${file}', 't')`,
      `SELECT * FROM deltaLakeLocal('${engine.directory}')`,
      `SELECT * FROM icebergLocal('${engine.directory}')`,
      `SELECT 1 FORMAT Template SETTINGS format_template_row = '${file}'`,
    ]
    for (const sql of tries) {
      const { code, text } = await ask(sql)
      expect([sql, code === null, text.includes(secret)]).toEqual([sql, false, false])
    }
    const named = await ask(`SELECT arrayMap({f:Identifier}, ['${file}'])`, { param_f: 'file' })
    expect([named.code, named.text.includes(secret)]).toEqual(['497', false])
    const table = await ask('SELECT * FROM {f:Identifier}', { param_f: file })
    expect([table.code === null, table.text.includes(secret)]).toEqual([false, false])
  })

  it('writes no file', async () => {
    const path = join(engine.directory, 'written')
    for (const sql of [`SELECT 1 INTO OUTFILE '${path}'`, `SELECT 1 INTO/**/OUTFILE '${path}' FORMAT CSV`]) {
      expect((await ask(sql)).code).toBe('358')
    }
    expect(existsSync(path)).toBe(false)
  })

  it('connects nowhere', async () => {
    for (const sql of [
      `SELECT * FROM url('${outsideUrl}/x.csv', 'LineAsString')`,
      `DESCRIBE url('${outsideUrl}/x.csv')`,
      `DESCRIBE s3('${outsideUrl}/bucket-name/x.csv')`,
      `SELECT * FROM s3('${outsideUrl}/bucket-name/x.csv', NOSIGN, 'LineAsString')`,
      `SELECT * FROM '${outsideUrl}/x.csv'`,
      `SELECT * FROM remote('127.0.0.1:${new URL(outsideUrl).port}', 'system.one')`,
      `SELECT hasColumnInTable('127.0.0.1:${new URL(outsideUrl).port}', 'd', 't', 'c')`,
      `SELECT * FROM mysql('127.0.0.1:${new URL(outsideUrl).port}', 'a', 'b', 'c', 'd')`,
    ]) {
      const { code, text } = await ask(sql)
      expect([sql, code === null, text.includes(secret)]).toEqual([sql, false, false])
    }
    expect(connections).toBe(0)
  })
})
