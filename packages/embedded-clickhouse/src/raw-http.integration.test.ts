/** The endpoint as curl and BI tools meet it. */
import { request } from 'node:http'
import { connect } from 'node:net'
import { gunzipSync, brotliDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmbeddedClickHouse } from './start-embedded-clickhouse.ts'
import { anEngine, type TestEngine } from './testing.ts'

let engine: TestEngine

beforeAll(async () => {
  engine = await anEngine({
    users: { default: { password: 's3cret', readonly: false }, readonly: { password: '', readonly: true } },
    connections: 2,
    limits: {
      queuedQueriesMax: 1,
      queueWaitMsMax: 500,
      sqlBytesMax: 100_000,
      bodyBytesMax: 200_000,
      stallMsMax: 2_000,
    },
  })
})
afterAll(() => engine.close())

interface Answer {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly body: Buffer
}

/** Node's fetch sets headers of its own; this sends exactly what is said. */
function ask(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Answer> {
  const { method = options.body === undefined ? 'GET' : 'POST', headers = {}, body } = options
  return new Promise((resolve, reject) => {
    const sent = request(`${engine.url}${path}`, { method, headers }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', reject)
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const basic = { authorization: `Basic ${Buffer.from('default:s3cret').toString('base64')}` }
const sql = (text: string, more = '') => `/?query=${encodeURIComponent(text)}${more}`

describe('paths', () => {
  it.each([
    ['GET', '/ping', 200, 'Ok.\n'],
    ['GET', '/', 200, 'Ok.\n'],
    ['HEAD', '/ping', 200, ''],
    ['GET', '/replicas_status', 200, 'Ok.\n'],
    ['GET', '/nope', 404, undefined],
    ['DELETE', '/', 404, undefined],
  ])('%s %s answers %i', async (method, path, status, text) => {
    const answer = await ask(path, { method })
    expect(answer.status).toBe(status)
    if (text !== undefined) expect(answer.body.toString()).toBe(text)
  })
})

describe('a query', () => {
  it.each([
    ['in the URL', sql('SELECT 1+1'), undefined],
    ['in the body', '/', 'SELECT 1+1'],
    ['in both', sql('SELECT'), '1+1'],
  ])('%s is answered', async (_, path, body) => {
    const answer = await ask(path, { headers: basic, ...(body === undefined ? {} : { body }) })
    expect([answer.status, answer.body.toString()]).toEqual([200, '2\n'])
  })

  it('is answered with ClickHouse headers', async () => {
    const { headers } = await ask(sql('SELECT 1 FORMAT JSONEachRow', '&query_id=abc'), { headers: basic })
    expect(headers).toMatchObject({
      'content-type': 'application/x-ndjson; charset=UTF-8',
      'x-clickhouse-format': 'JSONEachRow',
      'x-clickhouse-query-id': 'abc',
      'x-clickhouse-timezone': 'UTC',
      'x-clickhouse-server-display-name': 'millrace-embedded',
    })
    const summary = JSON.parse(String(headers['x-clickhouse-summary'])) as Record<string, string>
    expect(summary).toMatchObject({ result_rows: '1', written_rows: '0' })
    expect(Number(summary.elapsed_ns)).toBeGreaterThan(0)
  })

  it.each([
    ['&default_format=CSVWithNames', {}, '"a"\n"x"\n', 'text/csv; charset=UTF-8; header=present'],
    ['', { 'x-clickhouse-format': 'CSV' }, '"x"\n', 'text/csv; charset=UTF-8; header=absent'],
    ['', {}, 'x\n', 'text/tab-separated-values; charset=UTF-8'],
    ['&default_format=XML', {}, /<a>x<\/a>/, 'application/xml; charset=UTF-8'],
    ['&default_format=Native', {}, /x$/, 'application/octet-stream'],
  ])('has the default format of %j %j', async (more, headers, body, type) => {
    const answer = await ask(sql("SELECT 'x' AS a", more), { headers: { ...basic, ...headers } })
    expect(answer.body.toString('latin1')).toEqual(
      typeof body === 'string' ? body : expect.stringMatching(body),
    )
    expect(answer.headers['content-type']).toBe(type)
  })

  it('gives one document of a format with a head and an end, however many rows', async () => {
    const answer = await ask(sql('SELECT number FROM numbers(500000) FORMAT JSON'), { headers: basic })
    const { data, rows } = JSON.parse(answer.body.toString()) as { data: unknown[]; rows: number }
    expect([data.length, rows]).toEqual([500_000, 500_000])
  })

  it('gives every byte of a string as it is', async () => {
    const answer = await ask(
      sql('SELECT arrayStringConcat(arrayMap(x -> char(x), range(256))) FORMAT RowBinary'),
      {
        headers: basic,
      },
    )
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    expect(answer.body).toEqual(Buffer.concat([Buffer.from([0x80, 0x02]), bytes]))
  })

  it.each([
    ['gzip', gunzipSync],
    ['br', brotliDecompressSync],
  ])('is answered in %s when it asks for compression', async (encoding, decompress) => {
    const headers = { ...basic, 'accept-encoding': encoding }
    const path = sql('SELECT number FROM numbers(1000000)')
    const plain = await ask(path, { headers })
    expect(plain.headers['content-encoding']).toBeUndefined()
    const packed = await ask(`${path}&enable_http_compression=1`, { headers })
    expect(packed.headers['content-encoding']).toBe(encoding)
    expect(decompress(packed.body).equals(plain.body)).toBe(true)
  })

  it('with wait_end_of_query is answered when it is whole, with its summary', async () => {
    const answer = await ask(sql('SELECT number FROM numbers(1000000)', '&wait_end_of_query=1'), {
      headers: basic,
    })
    expect(JSON.parse(String(answer.headers['x-clickhouse-summary']))).toMatchObject({
      result_rows: '1000000',
    })
    expect(answer.body.length).toBe(6_888_890)
    const late = await ask(
      sql('SELECT throwIf(number = 900000) FROM numbers(1000000)', '&wait_end_of_query=1'),
      {
        headers: basic,
      },
    )
    expect([late.status, late.headers['x-clickhouse-exception-code']]).toEqual([500, '395'])
  })

  it('that fails behind sent rows breaks the connection after the tagged message', async () => {
    const received: Buffer[] = []
    const failed = new Promise<{ tag: string; message: string }>((resolve, reject) => {
      const sent = request(`${engine.url}/`, { method: 'POST', headers: basic }, (response) => {
        response.on('data', (part: Buffer) => received.push(part))
        response.on('error', (error) => {
          resolve({ tag: String(response.headers['x-clickhouse-exception-tag']), message: error.message })
        })
        response.on('end', () => {
          reject(new Error('ended as if it were whole'))
        })
      })
      sent.end('SELECT throwIf(number = 3000000) FROM numbers(5000000)')
    })
    const { tag, message } = await failed
    expect(message).toBe('aborted')
    const end = Buffer.concat(received).subarray(-1_000).toString()
    expect(end).toMatch(
      new RegExp(`\r\n__exception__\r\n${tag}\r\nCode: 395\\.[^]*\n\\d+ ${tag}\r\n__exception__\r\n$`),
    )
  })

  it('by GET does not write', async () => {
    const answer = await ask(sql('CREATE DATABASE byget'), { headers: basic })
    expect(answer.headers['x-clickhouse-exception-code']).toBe('164')
  })

  it.each([
    ['SELECT nope', 404, '47'],
    ['SELECT * FROM nope', 404, '60'],
    ['SELEC', 400, '62'],
    ['', 400, '62'],
    ['SELECT throwIf(1)', 500, '395'],
    ["SELECT 1 INTO OUTFILE '/tmp/x'", 500, '358'],
  ])('%j is answered with status %i and code %s', async (text, status, code) => {
    const answer = await ask('/', { headers: basic, body: text })
    expect([answer.status, answer.headers['x-clickhouse-exception-code']]).toEqual([status, code])
    expect(answer.body.toString()).toMatch(
      new RegExp(`^Code: ${code}\\. DB::Exception: [^]+\\([A-Z_0-9]+\\) \\(version 26`),
    )
  })

  it('with an unknown setting is refused', async () => {
    const answer = await ask(sql('SELECT 1', '&nope=1'), { headers: basic })
    expect([answer.status, answer.headers['x-clickhouse-exception-code']]).toEqual([404, '115'])
  })
})

describe('limits', () => {
  it('refuses SQL that is too long', async () => {
    const answer = await ask('/', { headers: basic, body: `SELECT '${'x'.repeat(200_000)}'` })
    expect(answer.status).toBe(413)
  })

  it('refuses data that is too long', async () => {
    const body = Buffer.alloc(300_000, '1\n')
    const answer = await ask(sql("INSERT INTO FUNCTION null('a UInt8') FORMAT TSV"), { headers: basic, body })
    expect([answer.status, answer.headers['x-clickhouse-exception-code']]).toEqual([413, '307'])
  })

  it('refuses with code 202 what would wait too long, and what may not even wait', async () => {
    const slow = () => ask('/', { headers: basic, body: 'SELECT sleep(2)' })
    const answers = await Promise.all([slow(), slow(), slow(), slow()])
    const codes = answers.map(({ status, headers }) => [status, headers['x-clickhouse-exception-code']])
    expect(codes.filter(([status]) => status === 200)).toHaveLength(2)
    expect(codes.filter(([status, code]) => status === 503 && code === '202')).toHaveLength(2)
  })

  it('cuts off a client that stops sending', async () => {
    const socket = connect(engine.port, '127.0.0.1')
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => undefined)
    socket.write(
      `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${basic.authorization}\r\nContent-Length: 10\r\n\r\nSEL`,
    )
    await expect(Promise.race([closed.then(() => 'closed'), slowly(8_000)])).resolves.toBe('closed')
  })

  const slowly = (ms: number) =>
    new Promise<string>((resolve) => setTimeout(resolve, ms, 'still open').unref())
})

describe('who may ask', () => {
  it.each([
    ['Basic', '', basic, 200],
    ['headers', '', { 'x-clickhouse-user': 'default', 'x-clickhouse-key': 's3cret' }, 200],
    ['the URL', '&user=default&password=s3cret', {}, 200],
    ['the reader, without a password', '&user=readonly', {}, 200],
    ['a wrong password', '&user=default&password=no', {}, 403],
    ['an unknown user', '&user=nobody', {}, 403],
    ['nobody, when default has a password', '', {}, 401],
  ])('%s', async (_, more, headers, status) => {
    const answer = await ask(sql('SELECT 1', more), { headers })
    expect(answer.status).toBe(status)
    if (status !== 200) expect(answer.headers['x-clickhouse-exception-code']).toBe('516')
    expect(answer.headers['www-authenticate'] !== undefined).toBe(status === 401)
  })

  it.each([
    ['a rebound name', { host: 'evil.example:8123' }],
    ['a page from elsewhere', { origin: 'https://evil.example' }],
    ['an image on a page', { 'sec-fetch-site': 'cross-site' }],
  ])('not %s', async (_, headers: Record<string, string>) => {
    expect((await ask('/ping', { headers: { ...basic, ...headers } })).status).toBe(403)
    expect((await ask(sql('SELECT 1'), { headers: { ...basic, ...headers } })).status).toBe(403)
  })

  it.each(['0.0.0.0', '::', '10.0.0.1', 'example.com'])(
    'not through %s, which is not loopback',
    async (host) => {
      await expect(startEmbeddedClickHouse({ directory: engine.directory, host })).rejects.toMatchObject({
        code: 'EMBEDDED_CLICKHOUSE_START',
        message: expect.stringContaining('not a loopback address') as string,
      })
    },
  )
})
