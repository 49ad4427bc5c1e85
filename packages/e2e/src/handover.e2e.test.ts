import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmbeddedClickHouse } from '@millrace/embedded-clickhouse'
import { kafkaUnavailable } from '@millrace/log/testing'
import { Cleanup } from './cleanup.ts'
import { startOneNode } from './kafka-node.ts'
import { expectStoredOnce } from './books.ts'
import { sendEvents } from './event-sender.ts'
import { eventually } from './eventually.ts'
import { SeparateServices } from './separate-services.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const noKafka = await kafkaUnavailable()
const partitions = 4
const handoverMsMax = 60_000

describe.skipIf(noKafka !== undefined)(
  'handover on Kafka' + (noKafka === undefined ? '' : ` ${noKafka}`),
  () => {
    const cleanup = new Cleanup()
    let clickHouse: Awaited<ReturnType<typeof startEmbeddedClickHouse>>
    let services: SeparateServices

    beforeAll(async () => {
      const directory = await temporaryDirectory()
      cleanup.defer(directory.remove)
      const brokers = await startOneNode(cleanup)
      clickHouse = await startEmbeddedClickHouse({ directory: join(directory.path, 'clickhouse'), port: 0 })
      cleanup.defer(() => clickHouse.close())
      services = new SeparateServices({
        KAFKA_BROKERS: brokers,
        CLICKHOUSE_URL: clickHouse.url,
        DATA_DIR: directory.path,
        LOG_PARTITIONS: String(partitions),
        SPILL_BYTES_MAX: '0', // each answer is held to its receipt; what waits on the disk for a slow Kafka would have none
      })
      cleanup.defer(() => services.stop())
      await services.migrate()
    })
    afterAll(() => cleanup.run())

    it(
      'shares the partitions among two enrichers and two sinks, and hands over when one stops',
      { timeout: 240_000 },
      async () => {
        const { url } = await services.startProducer()
        const enrichers = [await services.start('enricher'), await services.start('enricher')]
        const sinks = [await services.start('sink'), await services.start('sink')]
        for (const pair of [enrichers, sinks]) {
          await eventually('both have a share of the partitions', handoverMsMax, async () => {
            const shares = await Promise.all(pair.map(({ adminUrl }) => assignedPartitions(adminUrl)))
            expect(shares.map((share) => share.length)).toEqual([partitions / 2, partitions / 2])
            expect(shares.flat().toSorted()).toEqual([0, 1, 2, 3])
          })
        }
        const sent = await sendEvents({
          url,
          count: 12_000,
          concurrency: 20,
          site: 'handover.example',
          visitors: 400,
          onAnswer: (answered) => {
            if (answered === 4_000) void enrichers[0]?.service.stop()
            if (answered === 8_000) void sinks[0]?.service.stop()
          },
        })
        expect(sent.statuses).toEqual(new Map([[202, 12_000]]))
        for (const survivor of [enrichers[1], sinks[1]]) {
          await eventually('the one that stays has every partition', handoverMsMax, async () => {
            expect(await assignedPartitions(survivor!.adminUrl)).toEqual([0, 1, 2, 3])
          })
        }
        await expectStoredOnce(clickHouse.url, sent.receipts, handoverMsMax)
        expect(await enrichers[0]?.service.stop()).toBe(0)
        expect(await sinks[0]?.service.stop()).toBe(0)
      },
    )
  },
)

/** The partitions of its main topic that a service owns, from the labels of its offset lag. */
async function assignedPartitions(adminUrl: string): Promise<number[]> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text()
  const lines = text.split('\n').filter((line) => /^millrace_\w+_offset_lag_records\{/.test(line))
  const partitions = lines
    .filter((line) => !line.includes('topic=') || line.includes('topic="millrace.events.enriched"'))
    .map((line) => Number(/partition="(\d+)"/.exec(line)?.[1]))
  return partitions.toSorted()
}
