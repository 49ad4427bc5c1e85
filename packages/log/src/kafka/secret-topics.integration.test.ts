import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigResourceTypes, Kafka, logLevel, type Admin } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Log } from '../log.ts'
import { kafkaUnavailable, startKafka, type KafkaCluster } from '../testing.ts'
import { openKafkaLog } from './kafka-log.ts'

const hourMs = 3_600_000
const waitMsMax = 30_000
const setOnTopic = 1
/** What a busy machine may add. */
const slackMs = 5_000
const missing = await kafkaUnavailable({ faults: true })

describe.skipIf(missing !== undefined)(missing ?? 'a secret topic on Kafka', () => {
  let kafka: KafkaCluster
  let log: Log

  beforeAll(async () => {
    // As on an operator's broker but for the two delays, 5 minutes and 1 minute there.
    const properties = { 'log.retention.check.interval.ms': '500', 'log.segment.delete.delay.ms': '100' }
    kafka = await startKafka({ faults: true, properties })
    log = await openKafkaLog({ brokers: kafka.brokers.split(','), clientId: 'secret-topics' })
  })
  afterAll(async () => {
    await log.close()
    await kafka.close()
  })

  async function asAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = new Kafka({ brokers: kafka.brokers.split(','), logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    try {
      return await work(admin)
    } finally {
      await admin.disconnect()
    }
  }

  /** What is set on the topic itself. */
  async function settingsOf(topic: string): Promise<Record<string, string>> {
    const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic }]
    const answer = await asAdmin((admin) => admin.describeConfigs({ resources, includeSynonyms: false }))
    const entries = answer.resources[0]?.configEntries ?? []
    const own = entries.filter(({ configSource }) => (configSource as number) === setOnTopic)
    return Object.fromEntries(own.map(({ configName, configValue }) => [configName, configValue]))
  }

  const holding = (topic: string, text: string) =>
    filesHolding(kafka.nodes[0]!.directory, text).filter((path) => path.includes(`${topic}-0`))

  it('leaves the disk of its broker when its retention has passed', async () => {
    const topic = 'short-lived'
    await log.createTopics([
      { topic, partitions: 1, retentionMs: 3_000, isSecret: true },
      { topic: 'open', partitions: 1, retentionMs: hourMs },
    ])
    const texts = Array.from({ length: 20 }, (_, index) => `{"secret":"grain ${index} of the salt"}`)
    const appender = await log.appender()
    for (const own of [topic, 'open']) {
      await appender.append(
        texts.map((text) => ({ topic: own, partition: 0, key: null, value: Buffer.from(text) })),
      )
    }
    const found = texts.filter((text) => holding(topic, text).length > 0)
    expect(found).toHaveLength(texts.length) // uncompressed: a search finds what is there
    const wait = { timeout: waitMsMax, interval: 200 }
    await vi.waitFor(() => expect(texts.flatMap((text) => holding(topic, text))).toEqual([]), wait)
    expect((await log.watermarks(topic))[0]).toMatchObject({ low: 20, high: 20 })
    expect((await log.watermarks('open'))[0]).toMatchObject({ low: 0, high: 20 })
  })

  it('leaves it within retention, segment and the two delays while more is appended, and not with long segments', async () => {
    const [retentionMs, segmentMs] = [3_000, 1_000]
    await log.createTopics([{ topic: 'busy', partitions: 1, retentionMs, isSecret: true }])
    const configEntries = [{ name: 'retention.ms', value: String(retentionMs) }]
    await asAdmin((admin) =>
      admin.createTopics({
        waitForLeaders: true,
        topics: [{ topic: 'busy-and-long', numPartitions: 1, replicationFactor: 1, configEntries }],
      }),
    )
    const appender = await log.appender()
    const append = (text: string) =>
      appender.append(
        ['busy', 'busy-and-long'].map((topic) => ({
          topic,
          partition: 0,
          key: null,
          value: Buffer.from(text),
        })),
      )
    await append('the first grain')
    const startedAt = performance.now()
    await vi.waitFor(
      async () => {
        await append('one of many')
        expect(holding('busy', 'the first grain')).toEqual([])
      },
      { timeout: waitMsMax, interval: 100 },
    )
    expect(performance.now() - startedAt).toBeLessThan(retentionMs + segmentMs + 500 + 100 + slackMs)
    expect(holding('busy-and-long', 'the first grain')).not.toEqual([])
  })

  it('has segments of an hour at most', async () => {
    await log.createTopics([{ topic: 'salts', partitions: 1, retentionMs: 48 * hourMs, isSecret: true }])
    expect(await settingsOf('salts')).toMatchObject({
      'retention.ms': String(48 * hourMs),
      'segment.ms': String(hourMs),
      'compression.type': 'uncompressed',
    })
  })

  it('gets them also when it was there before, and keeps what an operator has set', async () => {
    const spec = { topic: 'salts-of-before', partitions: 1, retentionMs: 48 * hourMs }
    await log.createTopics([spec])
    const before = await settingsOf(spec.topic)
    expect(before['segment.ms']).toBe(String(6 * hourMs))
    const set = { ...before, 'max.message.bytes': '654321', 'retention.ms': String(47 * hourMs) }
    const configEntries = Object.entries(set).map(([name, value]) => ({ name, value }))
    const resources = [{ type: ConfigResourceTypes.TOPIC, name: spec.topic, configEntries }]
    await asAdmin((admin) => admin.alterConfigs({ validateOnly: false, resources }))
    await log.createTopics([{ ...spec, isSecret: true }])
    expect(await settingsOf(spec.topic)).toEqual({
      ...set,
      'segment.ms': String(hourMs),
      'compression.type': 'uncompressed',
    })
  })
})

function filesHolding(directory: string, text: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('index'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => includesText(path, text))
}

/** Files come and go while the broker runs. */
function includesText(path: string, text: string): boolean {
  try {
    return readFileSync(path).includes(text)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
