import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kafkaUnavailable } from '@millrace/log/testing'
import { Cleanup } from './cleanup.ts'
import { eventually } from './eventually.ts'
import { startOneNode } from './kafka-node.ts'
import { PipelineProcess } from './pipeline-process.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const noKafka = await kafkaUnavailable()
const storedMsMax = 60_000
const testMsMax = 240_000

const site = 'repeats.example'
const ann = '81.2.69.142'
const bob = '81.2.69.143'

describe.each([
  { log: 'the embedded log', needs: undefined },
  { log: 'Kafka', needs: noKafka },
])('a request that a client repeats, on $log', ({ log, needs }) => {
  describe.skipIf(needs !== undefined)(needs ?? 'through the whole pipeline', () => {
    let pipeline: PipelineProcess
    let start: (options?: Record<string, string>) => Promise<void>
    const cleanup = new Cleanup()
    /** Answers 202, by what must become of them. */
    const receipts = { stored: [] as string[], repeated: [] as string[] }

    beforeAll(async () => {
      const directory = await temporaryDirectory()
      cleanup.defer(directory.remove)
      const environment: Record<string, string> =
        // Each answer is held to its receipt; what waits on the disk for a slow Kafka would have none.
        log === 'Kafka' ? { KAFKA_BROKERS: await startOneNode(cleanup), SPILL_BYTES_MAX: '0' } : {}
      let ports: PipelineProcess['ports'] | undefined
      start = async (options = {}) => {
        pipeline = await PipelineProcess.start({
          dataDirectory: directory.path,
          environment: { ...environment, CONSUMER_SESSION_TIMEOUT_MS: '6000', ...options },
          ...(ports === undefined ? {} : { ports }),
        })
        ports = pipeline.ports
      }
      await start()
      cleanup.defer(async () => expect(await pipeline.process.stop()).toBe(0))
    }, testMsMax)
    afterAll(() => cleanup.run())

    /** Sends page views, one after the other; each is accepted, whatever becomes of it. */
    async function send(
      fate: keyof typeof receipts,
      options: { address?: string; key?: string; times?: number } = {},
    ): Promise<void> {
      const { address = ann, key, times = 1 } = options
      for (let time = 0; time < times; time++) {
        const body = { n: 'pageview', d: site, u: `https://${site}/${key ?? 'none'}` }
        const idempotency = key === undefined ? {} : { 'idempotency-key': key }
        const response = await pipeline.post(body, { 'x-forwarded-for': address, ...idempotency })
        expect(response.status).toBe(202)
        receipts[fate].push(response.headers.get('x-millrace-receipt') ?? '')
      }
    }

    const places = async (table: string): Promise<string[]> =>
      (
        await pipeline.sql<{ place: string }>(
          `SELECT concat(toString(kafka_partition), '-', toString(raw_offset)) AS place FROM ${table}`,
        )
      ).map(({ place }) => place)

    async function expectBooks(): Promise<void> {
      await eventually('each answer is in its table once', storedMsMax, async () => {
        expect((await places('events')).toSorted()).toEqual(receipts.stored.toSorted())
        expect((await places('dropped_events')).toSorted()).toEqual(receipts.repeated.toSorted())
      })
      expect(await pipeline.sql('SELECT DISTINCT reason FROM dropped_events')).toEqual([{ reason: 'repeat' }])
      expect(await pipeline.sql(auditProblems)).toEqual([])
      const [sessions] = await pipeline.sql<{ pageviews: string }>(
        'SELECT sum(pageviews) AS pageviews FROM sessions',
      )
      expect(Number(sessions?.pageviews)).toBe(receipts.stored.length)
    }

    it('is stored once, with other events between', { timeout: testMsMax }, async () => {
      await send('stored', { key: 'first' })
      await send('stored', { times: 5 })
      await send('repeated', { key: 'first', times: 2 })
      await expectBooks()
      await send('repeated', { key: 'first' })
      await expectBooks()
    })

    it('is stored for another visitor', { timeout: testMsMax }, async () => {
      await send('stored', { key: 'first', address: bob })
      await send('repeated', { key: 'first', address: bob })
      await expectBooks()
    })

    it('is stored once when all is killed and started again between', { timeout: testMsMax }, async () => {
      // The second one may be anywhere between the log and the table.
      await send('stored', { key: 'second' })
      await pipeline.process.kill()
      await start()
      await send('repeated', { key: 'first' })
      await send('repeated', { key: 'second' })
      await send('stored', { key: 'third' })
      await send('repeated', { key: 'third' })
      await expectBooks()
    })

    it('is stored again after the window', { timeout: testMsMax }, async () => {
      expect(await pipeline.process.stop()).toBe(0)
      await start({ REPEAT_WINDOW_S: '5' })
      await eventually('the window has passed', storedMsMax, async () => {
        const [last] = await pipeline.sql<{ isPast: number }>(
          "SELECT now() > max(received_at) + 5 AS isPast FROM events WHERE client_event_id != ''",
        )
        expect(last?.isPast).toBe(1)
      })
      await send('stored', { key: 'third' })
      await send('repeated', { key: 'third' })
      await expectBooks()
    })
  })
})

/** Rows only where the books do not balance. */
const auditProblems = 'SELECT * FROM delivery_audit WHERE gaps != 0 OR duplicates != 0 OR raw_duplicates != 0'
