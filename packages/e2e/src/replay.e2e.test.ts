import { join } from 'node:path'
import { startEmbeddedClickHouse } from '@millrace/embedded-clickhouse'
import {
  decodeEnrichedRecord,
  encodeEnrichedRecord,
  topics,
  type EnrichedEvent,
  type EnrichedRecord,
} from '@millrace/events'
import { openLog, type AppendRecord, type Log } from '@millrace/log'
import { kafkaUnavailable } from '@millrace/log/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cleanup } from './cleanup.ts'
import { eventually } from './eventually.ts'
import { startOneNode } from './kafka-node.ts'
import { runMillrace } from './millrace-command.ts'
import { askAsAnalyst } from './pipeline-process.ts'
import { SeparateServices } from './separate-services.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const noKafka = await kafkaUnavailable()
const partitions = 3
const loadedEvents = 3_000
const lateEvents = 900
const storedMsMax = 120_000

describe.each([
  { name: 'the embedded log', skip: undefined, startBrokers: () => Promise.resolve(undefined) },
  { name: 'Kafka', skip: noKafka, startBrokers: startOneNode },
])('a replay on $name', ({ skip, startBrokers }) => {
  describe.skipIf(skip !== undefined)(skip ?? 'from the start of the retained log', () => {
    const cleanup = new Cleanup()
    let clickHouseUrl: string
    let environment: Record<string, string>
    let log: Log

    beforeAll(async () => {
      const directory = await temporaryDirectory()
      cleanup.defer(directory.remove)
      const brokers = await startBrokers(cleanup)
      const engine = { directory: join(directory.path, 'clickhouse'), port: 0 }
      const clickHouse = await startEmbeddedClickHouse(engine)
      cleanup.defer(() => clickHouse.close())
      clickHouseUrl = clickHouse.url
      environment = {
        ...(brokers === undefined ? {} : { KAFKA_BROKERS: brokers }),
        CLICKHOUSE_URL: clickHouseUrl,
        DATA_DIR: directory.path,
        LOG_PARTITIONS: String(partitions),
        CONSUMER_SESSION_TIMEOUT_MS: '6000',
      }
      log = await openLog(
        { KAFKA_BROKERS: brokers, DATA_DIR: directory.path, EMBEDDED_LOG_BYTES_MAX: 2 ** 30 },
        { clientId: 'replay-test' },
      )
      cleanup.defer(() => log.close())
    })
    afterAll(() => cleanup.run())

    const servicesFor = (changes: Readonly<Record<string, string>> = {}): SeparateServices => {
      const services = new SeparateServices({ ...environment, ...changes })
      cleanup.defer(() => services.stop())
      return services
    }

    it(
      'into an empty database gives the same events and sessions, row for row, however it is cut and interrupted',
      { timeout: 400_000 },
      async () => {
        const first = servicesFor()
        await first.migrate()
        const { url } = await first.startProducer()
        await first.start('enricher')
        await first.start('sink')
        const load = ['load', '--events', String(loadedEvents), '--visitors', '150', '--sites', '10']
        const { code, output } = await runMillrace([...load, '--rate', '2000', '--url', url], environment)
        expect(code, output).toBe(0)
        await appendLate(log)
        const stored = await allStored('millrace')

        const replay = servicesFor({
          CLICKHOUSE_DATABASE: 'replay',
          INSERT_ROWS_MAX: '37',
          SESSIONS_MAX: '10',
          SESSION_LATENESS_S: '0',
        })
        await replay.migrate()
        const { service: victim } = await replay.start('sink')
        await eventually('a part is replayed', storedMsMax, async () => {
          expect(await rowCount('replay')).toBeGreaterThan(stored / 4)
        })
        await victim.kill()
        await replay.start('sink')
        await replay.start('sink')
        expect(await allStored('replay')).toBe(stored)

        for (const table of ['events', 'sessions', 'dropped_events', 'dead_letters']) {
          const [before, after] = [await contents('millrace', table), await contents('replay', table)]
          expect(before.length, table).toBeGreaterThan(0)
          expect(onlyIn(after, before), `${table} of the replay alone`).toEqual([])
          expect(after, table).toEqual(before)
        }
        expect(await contents('replay', 'delivery_audit')).toEqual(
          await contents('millrace', 'delivery_audit'),
        )
        // Late events did join and open sessions, so the order they came in mattered.
        const [late] = await askAsAnalyst<{ joined: string; opened: string }>(
          clickHouseUrl,
          `SELECT countIf(intDiv(session_id, 4294967296) != toUnixTimestamp(timestamp)) AS joined, count() - joined AS opened
           FROM replay.events WHERE enrichment_version = '${lateMark}'`,
        )
        expect(Number(late?.joined)).toBeGreaterThan(lateEvents / 10)
        expect(Number(late?.opened)).toBeGreaterThan(lateEvents / 10)
      },
    )

    async function rowCount(database: string): Promise<number> {
      const tables = ['events', 'dropped_events', 'dead_letters FINAL']
      const counts = tables.map((table) => `(SELECT count() FROM ${database}.${table})`)
      const [row] = await askAsAnalyst<{ rows: string }>(clickHouseUrl, `SELECT ${counts.join('+')} AS rows`)
      return Number(row?.rows)
    }

    /** Waits until each enriched record is a row somewhere. @returns how many */
    async function allStored(database: string): Promise<number> {
      const marks = await log.watermarks(topics.enriched)
      const records = marks.reduce((sum, { low, high }) => sum + high - low, 0)
      await eventually(`${records} records are stored in ${database}`, storedMsMax, async () => {
        expect(await rowCount(database)).toBe(records)
      })
      return records
    }

    /** Every row of a table but for the time of its insert, as text, in a fixed order. */
    async function contents(database: string, table: string): Promise<string[]> {
      const timesOfInsert: Readonly<Record<string, string>> = {
        events: 'EXCEPT (ingest_lag_s, ingested_at)',
        dropped_events: 'EXCEPT stored_at',
      }
      const columns = `* ${timesOfInsert[table] ?? ''}`
      const rows = await askAsAnalyst(clickHouseUrl, `SELECT ${columns} FROM ${database}.${table}`)
      return rows.map((row) => JSON.stringify(row)).toSorted()
    }
  })
})

const lateMark = 'late'

/** So that a failure shows the rows it is about. */
function onlyIn(rows: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others)
  return rows.filter((row) => !known.has(row))
}

/**
 * Events of visitors who were here, up to four hours earlier and in no order, as an import brings them: some fill a gap
 * between sessions, some open one, some are a client's repeats. And bytes that are no event.
 */
async function appendLate(log: Log): Promise<void> {
  const random = aRandom(7)
  const appender = await log.appender()
  for (let partition = 0; partition < partitions; partition++) {
    const known = await enrichedRecords(log, partition)
    const events = known.filter((record): record is EnrichedEvent => record.kind === 'event')
    expect(events.length).toBeGreaterThan(0)
    let rawOffset = Math.max(...known.map((record) => record.rawOffset))
    const late: EnrichedEvent[] = []
    for (let index = 0; index < lateEvents / partitions; index++) {
      const event = events[random(events.length)]!
      const source = `late ${String(index)}`
      const name = ['pageview', 'pageview', 'engagement', 'Purchase'][random(4)]!
      const timestamp = event.timestamp - random(4 * 3600)
      const clientEventId = index % 5 === 0 ? source : ''
      const mark = { source, clientEventId, enrichmentVersion: lateMark }
      late.push({ ...event, ...mark, name, timestamp, rawOffset: ++rawOffset })
      // The answer was lost, and the client sent it again.
      if (clientEventId !== '') late.push({ ...late.at(-1)!, rawOffset: ++rawOffset })
    }
    const values = [...late.map(encodeEnrichedRecord), Buffer.from('no event')]
    const records = values.map((value): AppendRecord => {
      return { topic: topics.enriched, partition, key: null, value }
    })
    await appender.append(records)
  }
  await appender.close()
}

async function enrichedRecords(log: Log, partition: number): Promise<EnrichedRecord[]> {
  const records: EnrichedRecord[] = []
  const following = await log.follow({
    topic: topics.enriched,
    partition,
    onRecord: ({ value }) => records.push(decodeEnrichedRecord(value)),
    onError: (error) => {
      throw error
    },
  })
  await following.stop()
  return records
}

/** Whole numbers below a limit (mulberry32), the same for each run. */
function aRandom(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}
