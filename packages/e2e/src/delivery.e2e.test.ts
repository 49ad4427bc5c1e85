import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kafkaUnavailable } from '@millrace/log/testing'
import { Cleanup } from './cleanup.ts'
import { startOneNode } from './kafka-node.ts'
import { expectStoredOnce } from './books.ts'
import { sendEvents } from './event-sender.ts'
import { environmentOf, runMillrace } from './millrace-command.ts'
import { PipelineProcess } from './pipeline-process.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const noKafka = await kafkaUnavailable()
const loadMsMax = 180_000
const storedMsMax = 60_000

describe.each([
  { log: 'the embedded log', needs: undefined },
  { log: 'Kafka', needs: noKafka },
])('delivery on $log', ({ log, needs }) => {
  describe.skipIf(needs !== undefined)(needs ?? 'through the whole pipeline', () => {
    let pipeline: PipelineProcess
    const cleanup = new Cleanup()
    let directory: Awaited<ReturnType<typeof temporaryDirectory>>
    let environment: Record<string, string>

    beforeAll(async () => {
      directory = await temporaryDirectory()
      cleanup.defer(directory.remove)
      // Each answer is held to its receipt; what waits on the disk for a slow Kafka would have none.
      environment =
        log === 'Kafka' ? { KAFKA_BROKERS: await startOneNode(cleanup), SPILL_BYTES_MAX: '0' } : {}
      pipeline = await PipelineProcess.start({ dataDirectory: directory.path, environment })
      cleanup.defer(async () => expect(await pipeline.process.stop()).toBe(0))
    })
    afterAll(() => cleanup.run())

    it(
      'stores 100,000 generated events once each, by their receipts and by the audit',
      { timeout: loadMsMax * 2 },
      async () => {
        const { code, output } = await runMillrace(
          ['load', '--events', '100000', '--rate', '4000'],
          environmentOf(pipeline, directory.path),
        )
        expect(output).toMatch(/accepted 1000\d\d, refused 0, failed 0, not sent 0/)
        expect(output).toMatch(/stored 9\d{4}, dropped by rule \d+, dead letters 0; lost 0, doubled 0/)
        expect(code).toBe(0)
        await expectStoredOnce(pipeline.clickHouseUrl, [], storedMsMax)
      },
    )

    it(
      'loses nothing and doubles nothing when it is killed under load and started again',
      { timeout: 180_000 },
      async () => {
        const stop = new AbortController()
        const before = await sendEvents({
          url: pipeline.url,
          count: 20_000,
          concurrency: 50,
          site: 'killed.example',
          visitors: 500,
          signal: stop.signal,
          onAnswer: (answered) => {
            if (answered === 8_000) void pipeline.process.kill().then(() => stop.abort())
          },
        })
        expect(before.receipts.length).toBeGreaterThanOrEqual(8_000)
        pipeline = await PipelineProcess.start({
          dataDirectory: directory.path,
          environment,
          ports: pipeline.ports,
        })
        const after = await sendEvents({
          url: pipeline.url,
          count: 1_000,
          concurrency: 20,
          site: 'killed.example',
          visitors: 500,
        })
        expect(after.statuses).toEqual(new Map([[202, 1_000]]))
        await expectStoredOnce(pipeline.clickHouseUrl, [...before.receipts, ...after.receipts], storedMsMax)
      },
    )
  })
})
