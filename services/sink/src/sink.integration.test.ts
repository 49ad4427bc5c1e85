import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { auditDelivery } from '@millrace/clickhouse'
import { openTestDatabase, type TestDatabase } from '@millrace/clickhouse/testing'
import { startEmbeddedClickHouse } from '@millrace/embedded-clickhouse'
import {
  encodeDeadLetter,
  encodeEnrichedRecord,
  topics,
  topicSpecs,
  type EnrichedEvent,
} from '@millrace/events'
import { anEnrichedEvent } from '@millrace/events/testing'
import { openLog, type Log, type LogAppender } from '@millrace/log'
import { createLogger, Metrics, type RunningService } from '@millrace/runtime'
import { referenceSessions } from '@millrace/sessions/testing'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { readConfig } from './config.ts'
import { startSink } from './sink.ts'

const visitors = 40
const eventsPerRound = 400
const rounds = 3
/** The evening before a month ends, so that the rounds cross into the next. */
const evening = Date.UTC(2026, 9, 31, 23, 30) / 1000

let database: TestDatabase
let directory: string
let log: Log
let appender: LogAppender
const failures: unknown[] = []

beforeAll(async () => {
  database = await openTestDatabase(startEmbeddedClickHouse)
  directory = await mkdtemp(join(tmpdir(), 'millrace-sink-'))
  log = await openLog({ DATA_DIR: directory, EMBEDDED_LOG_BYTES_MAX: 2 ** 28 }, { clientId: 'test' })
  appender = await log.appender()
})

afterAll(async () => {
  await appender.close()
  await log.close()
  await database.close()
  await rm(directory, { recursive: true, force: true })
})

function start(metrics = new Metrics()): Promise<RunningService> {
  const { url, user, password, database: name } = database.options
  const config = readConfig({
    DATA_DIR: directory,
    EMBEDDED_LOG_BYTES_MAX: String(2 ** 28),
    CLICKHOUSE_URL: url,
    CLICKHOUSE_DATABASE: name,
    CLICKHOUSE_USER: user,
    CLICKHOUSE_PASSWORD: password,
    INSERT_AGE_MS_MAX: '100',
    INSERT_ROWS_MAX: '150',
  })
  const logger = createLogger({ name: 'sink', level: 'silent' })
  return startSink(config, { environment: {}, logger, metrics, fail: (error) => failures.push(error) })
}

function roundOfEvents(round: number): EnrichedEvent[] {
  return Array.from({ length: eventsPerRound }, (_, index) => {
    const rawOffset = round * eventsPerRound + index
    const userId = ((rawOffset * 31) % visitors).toString(16).padStart(16, '0')
    const isLate = rawOffset % 11 === 0
    return anEnrichedEvent({
      rawOffset,
      userId,
      previousUserId: userId,
      name: rawOffset % 5 === 0 ? 'engagement' : 'pageview',
      timestamp: evening + rawOffset * 20 - (isLate ? 4_000 : 0),
      source: `raw ${rawOffset}`,
    })
  })
}

async function append(topic: string, values: readonly Buffer[]): Promise<void> {
  await appender.append(values.map((value) => ({ topic, partition: 0, key: null, value })))
}

async function count(table: string): Promise<number> {
  const [row] = await database.store.query<{ rows: string }>(`SELECT count() AS rows FROM ${table}`)
  return Number(row?.rows)
}

describe('the sink', () => {
  it('waits for its topics, and drains while it waits', async () => {
    const sink = await start()
    await sink.drain()
    expect(failures).toEqual([])
  })

  it('stores what restarts interrupt exactly once, in the sessions of the rules', async () => {
    await log.createTopics(
      topicSpecs({ partitions: 1, replicationFactor: 1, rawRetentionH: 24, enrichedRetentionH: 24 }),
    )
    const events: EnrichedEvent[] = []
    for (let round = 0; round < rounds; round++) {
      const fresh = roundOfEvents(round)
      events.push(...fresh)
      // The enricher repeats the end of the round before.
      await append(
        topics.enriched,
        [...events.slice(0, -eventsPerRound).slice(-50), ...fresh].map(encodeEnrichedRecord),
      )
      const sink = await start()
      const expected = events.length - (round === rounds - 1 ? 0 : 1)
      await vi.waitFor(
        async () =>
          expect((await count('events')) + (await count('dropped_events'))).toBeGreaterThanOrEqual(expected),
        {
          timeout: 20_000,
          interval: 50,
        },
      )
      await sink.drain()
    }

    const sessions = referenceSessions(events, 1800)
    const stored = await database.store.query<{ raw: string; start: number; user: string; source: string }>(
      `SELECT raw_offset AS raw, toUInt32(bitShiftRight(session_id, 32)) AS start,
         lower(leftPad(hex(user_id), 16, '0')) AS user, source AS source
       FROM events ORDER BY raw_offset`,
    )
    const expected = events.flatMap((event, index) => {
      const session = sessions[index]
      if (session === undefined) return []
      const { start, userId, opener } = session
      return [{ raw: String(event.rawOffset), start, user: userId, source: opener.source }]
    })
    expect(stored).toEqual(expected)
    expect(await count('dropped_events')).toBe(events.length - expected.length)
    expect(await count('sessions')).toBe(new Set(sessions.filter((session) => session !== undefined)).size)
    expect(failures).toEqual([])
  })

  it('leaves books without gap or duplicate', async () => {
    const books = await auditDelivery(database.store)
    expect(books).toHaveLength(1)
    expect(books[0]).toMatchObject({ gaps: 0, duplicates: 0, rawDuplicates: 0 })
  })

  it('keeps what it cannot read, and what the enricher could not, with bytes and cause', async () => {
    const letter = {
      stage: 'enricher' as const,
      cause: 'no UTF-8',
      topic: topics.raw,
      partition: 0,
      failedAt: evening * 1000,
    }
    const record = Buffer.from([0xff, 0x00]).toString('base64')
    await append(topics.enriched, [Buffer.from('{"kind":')])
    // Written twice, as after a crash of the enricher.
    await append(topics.deadLetter, [encodeDeadLetter({ ...letter, record, offset: 7 })])
    await append(topics.deadLetter, [encodeDeadLetter({ ...letter, record, offset: 7 })])
    await append(topics.deadLetter, [
      Buffer.from('neither'),
      encodeDeadLetter({ ...letter, record, offset: 9 }),
    ])
    const metrics = new Metrics()
    const sink = await start(metrics)
    await vi.waitFor(async () => expect(await count('dead_letters')).toBe(4), {
      timeout: 20_000,
      interval: 50,
    })
    await sink.drain()
    const letters = await database.store.query<{
      stage: string
      topic: string
      offset: string
      bytes: string
    }>(
      'SELECT stage, topic, kafka_offset AS offset, hex(record) AS bytes FROM dead_letters ORDER BY topic, offset',
    )
    const bytes = (text: string) => Buffer.from(text).toString('hex').toUpperCase()
    const unreadable = rounds * eventsPerRound + 50 * (rounds - 1)
    expect(letters).toEqual([
      { stage: 'sink', topic: topics.deadLetter, offset: '2', bytes: bytes('neither') },
      { stage: 'sink', topic: topics.enriched, offset: String(unreadable), bytes: bytes('{"kind":') },
      { stage: 'enricher', topic: topics.raw, offset: '7', bytes: 'FF00' },
      { stage: 'enricher', topic: topics.raw, offset: '9', bytes: 'FF00' },
    ])
    expect(await metrics.registry.metrics()).toContain(
      `millrace_sink_repeats_total{topic="${topics.deadLetter}"} 1`,
    )
    expect(failures).toEqual([])
  })
})
