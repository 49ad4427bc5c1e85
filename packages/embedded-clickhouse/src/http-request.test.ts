import { describe, expect, it } from 'vitest'
import { authenticate, isForeign, readQueryRequest, withFields } from './http-request.ts'

const urlOf = (search: string) => new URL(`http://localhost/${search}`)

describe('readQueryRequest', () => {
  it('divides parameters of the interface, of the query, and settings', () => {
    const asked = readQueryRequest(
      urlOf('?query=SELECT+1&database=d&query_id=q&param_x=%27&max_threads=2&user=u&password=p&session_id=s'),
      {},
    )
    expect(asked).toMatchObject({
      query: 'SELECT 1',
      database: 'd',
      queryId: 'q',
      sessionId: 's',
      params: { x: "'" },
      settings: { max_threads: '2' },
      defaultFormat: 'TabSeparated',
    })
  })

  it('prefers the format of the header to that of the URL', () => {
    const url = urlOf('?default_format=CSV')
    expect(readQueryRequest(url, {}).defaultFormat).toBe('CSV')
    expect(readQueryRequest(url, { 'x-clickhouse-format': 'JSON' }).defaultFormat).toBe('JSON')
  })

  it.each(['?a%20b=1', '?a%3D1%2C%20b=2', '?param_x%27=1', '?1a=2'])(
    'refuses a name that could be SQL: %s',
    (search) => {
      expect(() => readQueryRequest(urlOf(search), {})).toThrow('Code: 115.')
    },
  )

  it.each(['?compress=1', '?decompress=1'])('refuses the native compression: %s', (search) => {
    expect(() => readQueryRequest(urlOf(search), {})).toThrow('Code: 48.')
  })

  it('adds the fields of a multipart body', () => {
    const fields = new Map([
      ['query', 'SELECT {x:String}'],
      ['param_x', 'long'],
    ])
    expect(withFields(readQueryRequest(urlOf('?param_y=1'), {}), fields)).toMatchObject({
      query: 'SELECT {x:String}',
      params: { x: 'long', y: '1' },
    })
  })
})

describe('authenticate', () => {
  const users = {
    default: { password: 's3:cret', readonly: false },
    readonly: { password: '', readonly: true },
  }
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })

  it.each([
    [
      'X-ClickHouse headers',
      { 'x-clickhouse-user': 'default', 'x-clickhouse-key': 's3:cret' },
      '',
      'default',
    ],
    ['Basic', basic('default:s3:cret'), '', 'default'],
    ['the URL', {}, '?user=default&password=s3:cret', 'default'],
    ['a user without a password', {}, '?user=readonly', 'readonly'],
    ['Basic without a password', basic('readonly:'), '', 'readonly'],
  ])('takes %s', (_, headers, search, name) => {
    expect(authenticate(headers, urlOf(search), users).name).toBe(name)
  })

  it.each([
    ['a wrong password', basic('default:no'), '', 403],
    ['a password where there is none', basic('readonly:x'), '', 403],
    ['an unknown user', basic('toString:'), '', 403],
    ['another scheme', { authorization: 'Bearer x' }, '', 403],
    ['nothing', {}, '', 401],
  ])('refuses %s', (_, headers, search, status) => {
    expect(() => authenticate(headers, urlOf(search), users)).toThrow(
      expect.objectContaining({ code: 516, status }),
    )
  })
})

describe('isForeign', () => {
  it.each([
    [{ host: '127.0.0.1:8123' }, false],
    [{ host: 'localhost:8123' }, false],
    [{ host: '[::1]:8123' }, false],
    [{ host: '127.0.0.1:8123', origin: 'http://localhost:3000' }, false],
    [{ host: '127.0.0.1', 'sec-fetch-site': 'none' }, false],
    [{}, true],
    [{ host: 'evil.example:8123' }, true],
    [{ host: '127.0.0.1.evil.example' }, true],
    [{ host: '127.0.0.1:8123', origin: 'https://evil.example' }, true],
    [{ host: '127.0.0.1:8123', origin: 'null' }, true],
    [{ host: '127.0.0.1:8123', 'sec-fetch-site': 'cross-site' }, true],
  ])('%j: %s', (headers, expected) => {
    expect(isForeign(headers)).toBe(expected)
  })
})
