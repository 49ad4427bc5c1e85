import { randomBytes } from 'node:crypto'
import { createEnricher } from '@millrace/enrichment'
import { fakeGeo } from '@millrace/enrichment/testing'
import {
  consumerGroups,
  decodeEnrichedRecord,
  encodeRawEvent,
  topics,
  topicSpecs,
  type EnrichedEvent,
  type EnrichedRecord,
} from '@millrace/events'
import { aRawEvent } from '@millrace/events/testing'
import type { AppendRecord, Log } from '@millrace/log'
import { aTemporaryEmbeddedLog, type TemporaryLog } from '@millrace/log/testing'
import { createLogger, Metrics } from '@millrace/runtime'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Enricher } from './enricher.ts'
import { InternalEvents } from './internal-events.ts'
import { Salts } from './salts.ts'

const partitions = 4
let temporary: TemporaryLog

beforeEach(async () => {
  temporary = await aTemporaryEmbeddedLog()
  await temporary.log.createTopics(
    topicSpecs({ partitions, replicationFactor: 1, rawRetentionH: 24, enrichedRetentionH: 24 }),
  )
})

afterEach(async () => {
  await temporary.remove()
})

/** One enricher on the temporary log, as `startReading` wires it, with a geo database of one address. */
async function anEnricher(log: Log) {
  const appender = await log.appender()
  let appending: Promise<unknown> = Promise.resolve()
  const append = (records: readonly AppendRecord[]) => {
    appending = appending.then(() => appender.append(records))
    return appending
  }
  const salts = await Salts.open({
    log,
    append: async (value) => {
      await append([{ topic: topics.salts, partition: 0, key: null, value }])
    },
    now: Date.now,
    randomBytes,
    onError: (error) => {
      throw error
    },
    onIgnored: () => undefined,
  })
  const logger = createLogger({ name: 'test', level: 'silent' })
  const enricher: Enricher = new Enricher({
    append,
    saltsFor: (receivedAt) => salts.saltsFor(receivedAt),
    rules: {
      enrich: createEnricher({ geo: fakeGeo({ '81.2.69.142': { country: 'GB' } }) }),
      isCountryShielded: () => false,
    },
    rawWatermarks: () => log.watermarks(topics.raw),
    deadLetterPartitions: partitions,
    internalEvents: new InternalEvents({
      logger,
      metrics: new Metrics(),
      progress: () => enricher.progress(),
    }),
    now: Date.now,
    limits: {
      fetchRecordsMax: 20,
      fetchWaitMsMax: 50,
      appendRecordsMax: 7,
      appendBytesMax: 900_000,
      rebuildRecordsMax: 1_000,
      rebuildWaitMsMax: 5_000,
    },
  })
  const consumer = log.consumer({ groupId: consumerGroups.enricher, topic: topics.raw })
  const running = consumer.run((assignment) => enricher.run(assignment))
  return {
    drain: async () => {
      await consumer.drain()
      await running
      await salts.close()
      await appending
      await appender.close()
    },
  }
}

async function writeRaw(log: Log, from: number, to: number): Promise<void> {
  const appender = await log.appender()
  const records: AppendRecord[] = []
  for (let sequence = from; sequence <= to; sequence++) {
    for (let partition = 0; partition < partitions; partition++) {
      const event = aRawEvent({
        producerSequence: sequence,
        receivedAt: Date.now(),
        pathname: `/${String(partition)}/${String(sequence)}`,
      })
      records.push({ topic: topics.raw, partition, key: null, value: encodeRawEvent(event) })
    }
  }
  await appender.append(records)
  await appender.close()
}

/** Everything in the enriched topic, by partition. */
async function readEnriched(log: Log): Promise<EnrichedRecord[][]> {
  const found: EnrichedRecord[][] = []
  for (let partition = 0; partition < partitions; partition++) {
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
    found.push(records)
  }
  return found
}

const countOf = (found: readonly EnrichedRecord[][]) => found.flat().length

describe('Enricher on the embedded log', () => {
  it('carries every raw record to the partition of the same number, in order', async () => {
    await writeRaw(temporary.log, 1, 100)
    const enricher = await anEnricher(temporary.log)
    await vi.waitFor(async () => expect(countOf(await readEnriched(temporary.log))).toBe(400), 10_000)
    await enricher.drain()
    for (const [partition, records] of (await readEnriched(temporary.log)).entries()) {
      expect(records.map((record) => [record.rawOffset, record.pathname])).toEqual(
        Array.from({ length: 100 }, (_, index) => [index, `/${String(partition)}/${String(index + 1)}`]),
      )
    }
  })

  it('goes on where the last one was drained, and knows what producers wrote before', async () => {
    await writeRaw(temporary.log, 1, 60)
    const first = await anEnricher(temporary.log)
    await vi.waitFor(async () => expect(countOf(await readEnriched(temporary.log))).toBe(240), 10_000)
    await first.drain()
    await writeRaw(temporary.log, 51, 70) // ten of them once more
    const second = await anEnricher(temporary.log)
    await vi.waitFor(async () => expect(countOf(await readEnriched(temporary.log))).toBe(280), 10_000)
    await second.drain()
    for (const [partition, records] of (await readEnriched(temporary.log)).entries()) {
      expect(records.map(({ pathname }) => pathname)).toEqual(
        Array.from({ length: 70 }, (_, index) => `/${String(partition)}/${String(index + 1)}`),
      )
    }
  })

  it('gives a visitor one id, whichever of several enrichers has the partition', async () => {
    const clients = [temporary.log, await temporary.open()]
    const enrichers = await Promise.all(clients.map((log) => anEnricher(log)))
    await writeRaw(temporary.log, 1, 50)
    await vi.waitFor(async () => {
      const offsets = (await readEnriched(temporary.log)).map(
        (records) => new Set(records.map(({ rawOffset }) => rawOffset)).size,
      )
      expect(offsets).toEqual([50, 50, 50, 50])
    }, 15_000)
    await Promise.all(enrichers.map((enricher) => enricher.drain()))
    const events = (await readEnriched(temporary.log)).flat() as EnrichedEvent[]
    expect(new Set(events.map(({ userId }) => userId)).size).toBe(1)
    expect(new Set(events.map(({ previousUserId }) => previousUserId)).size).toBe(1)
    expect(events[0]).toMatchObject({ country: 'GB', browser: 'Chrome' })
    expect(JSON.stringify(events)).not.toContain('81.2.69.142')
  })
})
