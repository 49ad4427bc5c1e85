import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeEnrichedRecord, encodeRawEvent, topics } from '@millrace/events'
import { anEnrichedEvent, aRawEvent } from '@millrace/events/testing'
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
    const event = aRawEvent({ site: 'again.example', receivedAt: Date.now() })
    await insertLetter(pipeline, { topic: topics.raw, record: encodeRawEvent(event) })
    expect(await millrace('dead-letters', 'requeue')).toMatchObject({
      code: 1,
      output: expect.stringContaining('sent 1 again, 4 stay') as string,
    })
    await eventually('the event is stored', storedMsMax, async () => {
      const events = await pipeline.sql(`SELECT count() AS events FROM events WHERE site = 'again.example'`)
      expect(events).toEqual([{ events: '1' }])
    })
    expect((await millrace('dead-letters', 'requeue')).output).toContain('sent 0 again, 4 stay')
    expect(await lettersThatWait(pipeline)).toHaveLength(4)
  })

  it('of the sink go the whole way again once their cause is mended', { timeout: 60_000 }, async () => {
    await administrate(pipeline, `ALTER TABLE events ADD CONSTRAINT no_poison CHECK pathname != '/poison'`)
    const [first, poison, last] = await visit(pipeline, 'poisoned.example', ['/first', '/poison', '/last'])
    await expectStoredOnce(pipeline.clickHouseUrl, [first!, last!], storedMsMax)
    const [letter] = await eventually('the refused row is a letter', storedMsMax, async () => {
      const found = (await lettersThatWait(pipeline)).filter(({ stage }) => stage === 'sink')
      expect(found).toHaveLength(1)
      return found
    })
    const place = `${letter!.kafka_partition}-${letter!.kafka_offset}`
    const shown = await millrace('dead-letters', 'show', topics.enriched, place)
    expect(shown).toMatchObject({ code: 0, output: expect.stringContaining('no_poison') as string })

    await administrate(pipeline, 'ALTER TABLE events DROP CONSTRAINT no_poison')
    expect(await millrace('dead-letters', 'requeue', topics.enriched, place)).toEqual({
      code: 0,
      output: expect.stringContaining('sent 1 again, 0 stay') as string,
    })
    const visited = await eventually('the event is stored', storedMsMax, async () => {
      const rows = await pipeline.sql<{ pathname: string; receipt: string }>(
        `SELECT pathname, concat(toString(kafka_partition), '-', toString(raw_offset)) AS receipt
         FROM events WHERE site = 'poisoned.example' ORDER BY raw_offset`,
      )
      expect(rows.map(({ pathname }) => pathname)).toEqual(['/first', '/last', '/poison'])
      return rows
    })
    expect(visited.map(({ receipt }) => receipt)).not.toContain(poison)
    const sessions = `SELECT pageviews, events, entry_page FROM sessions WHERE site = 'poisoned.example'`
    expect(await pipeline.sql(sessions)).toEqual([{ pageviews: 3, events: 3, entry_page: '/first' }])
    expect((await millrace('dead-letters', 'requeue', 'sink')).output).toContain('sent 0 again, 0 stay')
    const receipts = visited.map(({ receipt }) => receipt)
    await expectStoredOnce(pipeline.clickHouseUrl, receipts, storedMsMax)
  })

  it('of the sink stay when their raw record is gone', async () => {
    const record = encodeEnrichedRecord(anEnrichedEvent({ rawOffset: 99_999_999 }))
    await insertLetter(pipeline, { topic: topics.enriched, record })
    expect(await millrace('dead-letters', 'requeue', 'sink')).toEqual({
      code: 1,
      output: expect.stringMatching(/1-99999999, is no longer retained/) as string,
    })
    expect((await lettersThatWait(pipeline)).filter(({ stage }) => stage === 'sink')).toHaveLength(1)
  })

  it('that are named but not there are an error', async () => {
    expect(await millrace('dead-letters', 'requeue', '2-4711')).toEqual({
      code: 1,
      output: expect.stringContaining('1 of the places have no letter') as string,
    })
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

/** A letter such as a fault in the enrichment, or a refusal of the store, leaves. */
async function insertLetter(
  pipeline: PipelineProcess,
  { topic, record }: { readonly topic: string; readonly record: Buffer },
): Promise<void> {
  const stage = topic === topics.raw ? 'enricher' : 'sink'
  await administrate(
    pipeline,
    `INSERT INTO dead_letters (timestamp, stage, cause, record, topic, kafka_partition, kafka_offset)
     VALUES (now(), '${stage}', 'a fault', base64Decode('${record.toString('base64')}'), '${topic}', 1, 123456)`,
  )
}

async function administrate(pipeline: PipelineProcess, statement: string): Promise<void> {
  const response = await fetch(`${pipeline.clickHouseUrl}/?database=millrace`, {
    method: 'POST',
    body: statement,
  })
  expect([response.status, await response.text()]).toEqual([200, ''])
}

interface WaitingLetter {
  readonly stage: string
  readonly kafka_partition: number
  readonly kafka_offset: string
}

function lettersThatWait(pipeline: PipelineProcess): Promise<WaitingLetter[]> {
  return pipeline.sql<WaitingLetter>(
    `SELECT stage, kafka_partition, kafka_offset FROM dead_letters FINAL WHERE stage != 'requeued'`,
  )
}

/** One visitor's page views, one after the other. @returns their receipts */
async function visit(pipeline: PipelineProcess, site: string, pages: readonly string[]): Promise<string[]> {
  const receipts: string[] = []
  for (const page of pages) {
    const response = await pipeline.post({ n: 'pageview', u: `https://${site}${page}`, d: site })
    expect(response.status).toBe(202)
    receipts.push(response.headers.get('x-millrace-receipt') ?? '')
  }
  return receipts
}
