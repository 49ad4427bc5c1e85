/** Reads what a ClickHouse HTTP request says: parameters, credentials, and whether it may be answered at all. */
import type { IncomingHttpHeaders } from 'node:http'
import { timingSafeEqual, createHash } from 'node:crypto'
import { EngineError } from './engine-error.ts'
import type { EngineUser } from './engine-options.ts'

export interface QueryRequest {
  /** The `query=` part; the body follows it after a line end. */
  readonly query: string
  readonly database: string | undefined
  readonly queryId: string | undefined
  readonly sessionId: string | undefined
  /** When neither the query nor `X-ClickHouse-Format` nor `default_format` say. */
  readonly defaultFormat: string
  readonly params: Readonly<Record<string, string>>
  readonly settings: Readonly<Record<string, string>>
  readonly wantsCompression: boolean
  readonly compressionLevel: number
  readonly waitsForEnd: boolean
}

/** Parameters that are the HTTP interface's own; all others, but `param_*`, are settings of the query. */
const reserved = new Set([
  'query',
  'database',
  'query_id',
  'session_id',
  'session_timeout',
  'session_check',
  'default_format',
  'user',
  'password',
  'quota_key',
  'role',
  'compress',
  'decompress',
  'buffer_size',
  'stacktrace',
  'wait_end_of_query',
  'enable_http_compression',
  'http_zlib_compression_level',
  'http_response_buffer_size',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
  'client_protocol_version',
])

/** @throws EngineError on a setting whose name could not be one, and on the native compression, which is not there */
export function readQueryRequest(url: URL, headers: IncomingHttpHeaders): QueryRequest {
  const given = url.searchParams
  if (isOn(given.get('compress')) || isOn(given.get('decompress'))) {
    throw new EngineError(48, 'NOT_IMPLEMENTED', 'compress and decompress are not supported: use gzip')
  }
  const { params, settings } = divide([...given])
  return {
    query: given.get('query') ?? '',
    database: given.get('database') ?? headerOf(headers, 'x-clickhouse-database'),
    queryId: given.get('query_id') ?? headerOf(headers, 'x-clickhouse-query-id'),
    sessionId: given.get('session_id') ?? undefined,
    defaultFormat: headerOf(headers, 'x-clickhouse-format') ?? given.get('default_format') ?? 'TabSeparated',
    params,
    settings,
    wantsCompression: isOn(given.get('enable_http_compression')),
    compressionLevel: Math.min(Math.max(Number(given.get('http_zlib_compression_level') ?? 3) || 3, 1), 9),
    waitsForEnd: isOn(given.get('wait_end_of_query')),
  }
}

function divide(entries: readonly (readonly [string, string])[]) {
  const params: Record<string, string> = {}
  const settings: Record<string, string> = {}
  for (const [name, value] of entries) {
    if (name.startsWith('param_')) params[checkedName(name.slice('param_'.length))] = value
    else if (!reserved.has(name) && name !== '') settings[checkedName(name)] = value
  }
  return { params, settings }
}

/** Names stand in SQL text. */
export function checkedName(name: string): string {
  if (/^[A-Za-z_]\w*$/.test(name)) return name
  throw new EngineError(115, 'UNKNOWN_SETTING', `Unknown setting '${name.slice(0, 100)}'`)
}

function isOn(value: string | null): boolean {
  return value === '1' || value === 'true'
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** With what a multipart body adds: `query`, `param_*` and settings. */
export function withFields(asked: QueryRequest, fields: ReadonlyMap<string, string>): QueryRequest {
  const { params, settings } = divide([...fields])
  return {
    ...asked,
    query: asked.query + (fields.get('query') ?? ''),
    params: { ...asked.params, ...params },
    settings: { ...asked.settings, ...settings },
  }
}

/**
 * The user a request speaks for. ClickHouse's own three ways: `X-ClickHouse-User` and `-Key`, Basic, `user=` and `password=`.
 * @throws EngineError 516 with status 401 when no credentials came and some are needed, else 403
 */
export function authenticate(
  headers: IncomingHttpHeaders,
  url: URL,
  users: Readonly<Record<string, EngineUser>>,
): EngineUser & { readonly name: string } {
  const given = credentialsOf(headers, url)
  const { name, password } = given ?? { name: 'default', password: '' }
  const user = Object.hasOwn(users, name) ? users[name] : undefined
  if (user !== undefined && isSame(user.password, password)) return { ...user, name }
  const detail = `${name}: Authentication failed: password is incorrect, or there is no user with such name.`
  throw new EngineError(516, 'AUTHENTICATION_FAILED', detail, given === undefined ? 401 : 403)
}

function credentialsOf(
  headers: IncomingHttpHeaders,
  url: URL,
): { name: string; password: string } | undefined {
  const name = headerOf(headers, 'x-clickhouse-user')
  const key = headerOf(headers, 'x-clickhouse-key')
  if (name !== undefined || key !== undefined) return { name: name ?? 'default', password: key ?? '' }
  const basic = /^Basic (\S+)$/i.exec(headers.authorization ?? '')?.[1]
  if (basic !== undefined) {
    const [, user = '', password = ''] =
      /^([^:]*):?([\s\S]*)$/.exec(Buffer.from(basic, 'base64').toString()) ?? []
    return { name: user === '' ? 'default' : user, password }
  }
  if (headers.authorization !== undefined) return { name: '', password: '' }
  const named = url.searchParams.get('user')
  const given = url.searchParams.get('password')
  return named === null && given === null ? undefined : { name: named ?? 'default', password: given ?? '' }
}

function isSame(expected: string, given: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(expected), digest(given))
}

/** True for requests of pages from elsewhere: a foreign Host (a name rebound to loopback), Origin or fetch site. */
export function isForeign(headers: IncomingHttpHeaders): boolean {
  const { host, origin } = headers
  if (host === undefined || !isLoopbackName(hostnameOf(`http://${host}`))) return true
  if (origin !== undefined && !isLoopbackName(hostnameOf(origin))) return true
  const site = headers['sec-fetch-site']
  return site === 'cross-site' || site === 'same-site'
}

function hostnameOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : ''
}

/** `localhost`, 127.0.0.0/8 or ::1. */
export function isLoopbackName(hostname: string): boolean {
  const name = hostname.toLowerCase()
  return name === 'localhost' || name === '::1' || name === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(name)
}
