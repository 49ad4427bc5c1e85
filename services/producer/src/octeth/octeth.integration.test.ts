import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventsTable } from '@millrace/clickhouse'
import { anEventRow, openTestDatabase, type TestDatabase } from '@millrace/clickhouse/testing'
import { startEmbeddedClickHouse } from '@millrace/embedded-clickhouse'
import { topicSpecs } from '@millrace/events'
import { openLog, type Log } from '@millrace/log'
import { createLogger, Metrics } from '@millrace/runtime'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readConfig } from '../config.ts'
import { startProducer, type RunningProducer } from '../start.ts'
import { OctethStore, subscribersQuery } from './octeth-store.ts'
import { subscriberKey } from './subscriber-key.ts'

const path = '/api/v1/website_events.properties'
/** SHA-256 of jane@example.com. */
const jane = '8c87b489ce35cf2e2f39f80e282cb2e804932a56a213983eeeb428407d43b52d'
/** Nobody listens there. */
const nobody = 'http://127.0.0.1:1'
const aBrowser = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36'

let database: TestDatabase
let directory: string
let log: Log
let producer: RunningProducer | undefined
let metrics: Metrics
const servers: Server[] = []

beforeAll(async () => {
  database = await openTestDatabase(startEmbeddedClickHouse)
})
afterAll(() => database.close())

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-octeth-'))
  log = await openLog({ DATA_DIR: directory, EMBEDDED_LOG_BYTES_MAX: 2 ** 28 }, { clientId: 'test' })
  await log.createTopics(
    topicSpecs({ partitions: 4, replicationFactor: 1, rawRetentionH: 24, enrichedRetentionH: 24 }),
  )
})

afterEach(async () => {
  await producer?.drain()
  producer = undefined
  for (const server of servers.splice(0)) server.close()
  await log.close()
  await rm(directory, { recursive: true, force: true })
})

async function start(clickHouseUrl = database.options.url): Promise<string> {
  const config = readConfig({
    HOST: '127.0.0.1',
    PORT: '0',
    DATA_DIR: directory,
    CLICKHOUSE_URL: clickHouseUrl,
    CLICKHOUSE_DATABASE: database.options.database,
    CLICKHOUSE_USER: database.options.user,
    CLICKHOUSE_PASSWORD: database.options.password,
  })
  metrics = new Metrics()
  const logger = createLogger({ name: 'test', level: 'silent' })
  const fail = (error: unknown): never => {
    throw error
  }
  producer = await startProducer(config, { logger, metrics, fail })
  return `http://127.0.0.1:${String(producer.port)}`
}

async function post(url: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': aBrowser, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const answer = (await response.json()) as Record<string, unknown>
  return { status: response.status, answer, headers: response.headers }
}

let lists = 0
/** Its site is `octeth-<list>`, as no sites file is given. */
const freshList = (): number => Number(`${String(process.pid)}${String(++lists)}`)

const anEvent = (listId: number, changes: Record<string, unknown> = {}) => ({
  APIKey: 'k',
  ListID: listId,
  Event: 'test',
  Email: 'jane@example.com',
  ...changes,
})

/** As the sink stores an event of the list. */
async function store(listId: number, props: readonly [string, string][], name = 'test'): Promise<void> {
  const own: [string, string][] = [
    ['ListID', String(listId)],
    ['email', jane],
  ]
  const row = anEventRow({
    site: `octeth-${String(listId)}`,
    protocol: 'octeth',
    name,
    props: [...own, ...props],
  })
  await database.store.insert({ table: eventsTable, rows: [row], token: `${name}-${String(listId)}` })
}

const lookups = async (result: string) =>
  (await metrics.registry.getSingleMetric('millrace_subscriber_lookups_total')?.get())?.values.find(
    ({ labels }) => labels.result === result,
  )?.value ?? 0

describe('who is new on a list', () => {
  it('is whose email nobody has seen there, once', async () => {
    const url = `${await start()}/api/v1/event`
    const list = freshList()
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => post(url, anEvent(list))))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(answers.filter(({ answer }) => answer.identify_event_sent === true)).toHaveLength(1)
    const other = await post(url, anEvent(freshList()))
    expect(other.answer.identify_event_sent).toBe(true)
    expect(await lookups('not_found')).toBeGreaterThan(1)
  })

  it('is not who is stored', async () => {
    const url = `${await start()}/api/v1/event`
    const list = freshList()
    await store(list, [])
    expect((await post(url, anEvent(list))).answer.identify_event_sent).toBe(false)
    expect(await lookups('found')).toBe(1)
    const identify = await post(url, anEvent(list, { Event: 'identify' }))
    expect(identify.answer.identify_event_sent).toBe(true)
  })

  it('is not made old by a request that was refused, or is a test', async () => {
    const url = `${await start()}/api/v1/event`
    const list = freshList()
    expect((await post(url, anEvent(list, { Event: 'conversion' }))).status).toBe(422)
    expect((await post(url, anEvent(list, { Properties: { isTest: true } }))).status).toBe(200)
    expect((await post(url, anEvent(list))).answer.identify_event_sent).toBe(true)
  })

  it.each<[string, () => Promise<string>]>([
    ['is gone', () => Promise.resolve(nobody)],
    ['hangs', aSilentServer],
  ])('is told from memory while ClickHouse %s, and events are taken', async (_, address) => {
    const base = await start(await address())
    expect((await fetch(`${base}/readyz`)).status).toBe(200)
    const list = freshList()
    const startedAt = performance.now()
    const first = await post(`${base}/api/v1/event`, anEvent(list))
    expect(performance.now() - startedAt).toBeLessThan(3_000)
    const second = await post(`${base}/api/v1/event`, anEvent(list))
    expect([first, second].map(({ answer }) => answer.identify_event_sent)).toEqual([true, false])
    expect(first.headers.get('x-millrace-receipt')).toMatch(/^\d-\d+$/)
    expect(await lookups('unanswered')).toBe(1)
  })
})

describe('the answer', () => {
  it('has the place of the receipt as its uuid', async () => {
    const url = `${await start()}/api/v1/event`
    const { answer, headers } = await post(url, anEvent(freshList()))
    const [partition, offset] = (headers.get('x-millrace-receipt') ?? '').split('-').map(Number)
    const digits = String(answer.uuid).replaceAll('-', '')
    expect(parseInt(digits.slice(0, 12) + digits.slice(13, 16), 16)).toBe(offset)
    expect(parseInt(digits.slice(28), 16)).toBe(partition)
  })
})

describe('the properties of a list', () => {
  it('are those that are stored, sorted, for POST and GET alike', async () => {
    const base = await start()
    const list = freshList()
    await store(list, [
      ['b', '1'],
      ['$host', 'h'],
      ['Properties.email', 'x'],
    ])
    await store(
      list,
      [
        ['Event', 'pageView'],
        ['url', 'u'],
      ],
      'pageview',
    )
    const expected = {
      ListID: String(list),
      Properties: { pageView: ['url'], test: ['$host', 'b', 'email'] },
    }
    const posted = await post(base + path, { SessionID: 's', listid: String(list) })
    expect(posted).toMatchObject({ status: 200, answer: expected })
    const query = `${base + path}?ListID=${String(list)}`
    const asked = await fetch(query, { headers: { authorization: 'Bearer k' } })
    expect(await asked.json()).toEqual(expected)
    expect((await fetch(`${query}&apikey=k`)).status).toBe(200)
  })

  it('are none for a list without events', async () => {
    const base = await start()
    const { status, answer } = await post(base + path, { APIKey: 'k', ListID: 3 })
    expect([status, answer]).toEqual([200, { ListID: '3', Properties: {} }])
  })

  it.each<[string, object, number, number]>([
    ['without a key', { ListID: 3 }, 401, 99_999],
    ['without a list', { APIKey: 'k' }, 422, 1],
    ['of a list that is no number', { APIKey: 'k', ListID: 'x' }, 422, 2],
    ['of another command', { APIKey: 'k', ListID: 3, Command: 'event.track' }, 422, 0],
  ])('are refused %s', async (_, body, status, code) => {
    const refused = await post((await start()) + path, body)
    expect(refused).toMatchObject({ status, answer: { Errors: [{ Code: code }] } })
  })

  it.each<[string, () => Promise<string>]>([
    ['is gone', () => Promise.resolve(nobody)],
    ['hangs', aSilentServer],
  ])('are answered with 503 while ClickHouse %s', async (_, address) => {
    const { status, headers, answer } = await post((await start(await address())) + path, {
      APIKey: 'k',
      ListID: 3,
    })
    expect([status, headers.get('retry-after')]).toEqual([503, '2'])
    expect(answer).toHaveProperty('Errors')
  })

  it('are in the OpenAPI document', async () => {
    const document = (await (await fetch(`${await start()}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { requestBody?: object; parameters?: { name: string }[] }>>
    }
    const { get, post: posted } = document.paths[path] ?? {}
    expect(get?.parameters?.map(({ name }) => name)).toEqual(['ListID', 'APIKey', 'SessionID'])
    expect([get?.requestBody, posted?.parameters]).toEqual([undefined, undefined])
    expect(posted?.requestBody).toMatchObject({ content: { 'application/json': { examples: { list: {} } } } })
  })
})

describe('what is asked of ClickHouse', () => {
  it('finds subscribers whatever their site is called', async () => {
    const asked = [`it's`, 'a\\b', 'münchen.example', `') OR 1 = 1 --`].flatMap((site) =>
      [1, 2].map((listId) => ({ site, listId, emailHash: jane })),
    )
    const rows = asked
      .filter(({ listId }) => listId === 1)
      .map(({ site }) =>
        anEventRow({
          site,
          protocol: 'octeth',
          props: [
            ['ListID', '1'],
            ['email', jane],
          ],
        }),
      )
    await database.store.insert({ table: eventsTable, rows, token: 'odd sites' })
    const octeth = new OctethStore(database.options)
    const found = await octeth.subscribers(asked)
    await octeth.close()
    const expected = asked.filter(({ listId }) => listId === 1).map(subscriberKey)
    expect([...found].toSorted()).toEqual(expected.toSorted())
  })

  it('is read by its key, and never from events', async () => {
    const plans = [
      subscribersQuery([{ site: 'example.com', listId: 1, emailHash: jane }]),
      "SELECT event, property FROM octeth_properties WHERE site = 'a' AND list_id = 1 GROUP BY event, property",
    ].map(async (sql) => {
      const lines = await database.store.query<{ explain: string }>(`EXPLAIN indexes = 1 ${sql}`)
      return lines.map(({ explain }) => explain).join('\n')
    })
    const [subscribers, properties] = await Promise.all(plans)
    expect(subscribers).toMatch(/octeth_subscribers[^]*PrimaryKey[^]*Keys:[^]*site[^]*list_id[^]*email_hash/)
    expect(properties).toMatch(/octeth_properties[^]*PrimaryKey[^]*Keys:[^]*site[^]*list_id/)
    expect(subscribers).not.toMatch(/\.events\b/)
    expect(properties).not.toMatch(/\.events\b/)
  })
})

/** Takes connections and never says a word. */
async function aSilentServer(): Promise<string> {
  const server = createServer(() => undefined)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
}
