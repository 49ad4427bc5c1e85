import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeRawEvent, topics } from '@millrace/events'
import { aRawEvent } from '@millrace/events/testing'
import { openLog } from '@millrace/log'
import { Cleanup } from './cleanup.ts'
import { sendEvents } from './event-sender.ts'
import { expectStoredOnce } from './books.ts'
import { eventually } from './eventually.ts'
import { environmentOf, runMillrace } from './millrace-command.ts'
import { PipelineProcess } from './pipeline-process.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const storedMsMax = 20_000

describe('dead letters', () => {
  const cleanup = new Cleanup()
  let pipeline: PipelineProcess
  let dataDirectory: string

  beforeAll(async () => {
    const directory = await temporaryDirectory()
    cleanup.defer(directory.remove)
    dataDirectory = directory.path
    pipeline = await PipelineProcess.start({ dataDirectory })
    cleanup.defer(async () => expect(await pipeline.process.stop()).toBe(0))
  })
  afterAll(() => cleanup.run())

  const millrace = (...args: string[]) => runMillrace(args, environmentOf(pipeline, dataDirectory))

  it('keep a record that cannot be decoded, and the records behind it go on', async () => {
    await appendToEveryPartition(dataDirectory, Buffer.from('{"not": "an event"}'))
    const sent = await sendEvents({
      url: pipeline.url,
      count: 40,
      concurrency: 4,
      site: 'a.example',
      visitors: 40,
    })
    await expectStoredOnce(pipeline.clickHouseUrl, sent.receipts, storedMsMax)
    await eventually('the letters are stored', storedMsMax, async () => {
      const letters = await pipeline.sql('SELECT stage, record FROM dead_letters FINAL')
      expect(letters).toEqual(Array(4).fill({ stage: 'enricher', record: '{"not": "an event"}' }))
    })
    const { code, output } = await millrace('dead-letters', 'list')
    expect([code, output]).toEqual([0, expect.stringContaining('not a raw event')])
  })

  it('are sent again once, and stay where sending again is in vain', { timeout: 60_000 }, async () => {
    await insertLetter(pipeline, encodeRawEvent(aRawEvent({ site: 'again.example', receivedAt: Date.now() })))
    expect(await millrace('dead-letters', 'requeue')).toMatchObject({
      code: 1,
      output: expect.stringContaining('sent 1 again, 4 stay') as string,
    })
    await eventually('the event is stored', storedMsMax, async () => {
      const events = await pipeline.sql(`SELECT count() AS events FROM events WHERE site = 'again.example'`)
      expect(events).toEqual([{ events: '1' }])
    })
    expect((await millrace('dead-letters', 'requeue')).output).toContain('sent 0 again, 4 stay')
    expect(await pipeline.sql('SELECT count() AS letters FROM dead_letters FINAL')).toEqual([
      { letters: '4' },
    ])
  })
})

async function appendToEveryPartition(dataDirectory: string, value: Buffer): Promise<void> {
  const options = { DATA_DIR: dataDirectory, EMBEDDED_LOG_BYTES_MAX: 2 ** 30 }
  const log = await openLog(options, { clientId: 'e2e' })
  const appender = await log.appender()
  const partitions = Array.from({ length: await log.partitionCount(topics.raw) }, (_, partition) => partition)
  await appender.append(partitions.map((partition) => ({ topic: topics.raw, partition, key: null, value })))
  await log.close()
}

/** A letter such as a fault in the enrichment leaves: a whole raw event. */
async function insertLetter(pipeline: PipelineProcess, record: Buffer): Promise<void> {
  const query = `INSERT INTO millrace.dead_letters (timestamp, stage, cause, record, topic, kafka_partition, kafka_offset)
    VALUES (now(), 'enricher', 'a fault', base64Decode('${record.toString('base64')}'), '${topics.raw}', 1, 123456)`
  const response = await fetch(pipeline.clickHouseUrl, { method: 'POST', body: query })
  expect([response.status, await response.text()]).toEqual([200, ''])
}
