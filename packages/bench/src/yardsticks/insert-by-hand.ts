/**
 * Takes JSON rows from Kafka into ClickHouse as one would write it by hand: kafkajs `eachBatch`, `JSON.parse`, and
 * `client.insert` of JSONEachRow objects. At least once, no sessions.
 */
import { createClient } from '@clickhouse/client'
import { Kafka, logLevel } from 'kafkajs'
import { teachLz4 } from './kafkajs-lz4.ts'
import { startProgress, stopSignal, yardstickOptions } from './yardstick.ts'

interface Options {
  readonly brokers: string
  readonly groupId: string
  readonly topic: string
  readonly url: string
  readonly database: string
  readonly maxBytesPerPartition: number
}

const options = yardstickOptions() as Options
const progress = startProgress()
teachLz4()
const kafka = new Kafka({
  clientId: 'bench',
  brokers: options.brokers.split(','),
  logLevel: logLevel.NOTHING,
})
const client = createClient({ url: options.url, database: options.database, request_timeout: 120_000 })
const consumer = kafka.consumer({
  groupId: options.groupId,
  maxBytesPerPartition: options.maxBytesPerPartition,
  maxBytes: options.maxBytesPerPartition * 4,
})
await consumer.connect()
await consumer.subscribe({ topic: options.topic, fromBeginning: true })
await consumer.run({
  eachBatch: async ({ batch }) => {
    const rows = batch.messages.map(({ value }): unknown => JSON.parse(value?.toString('utf8') ?? 'null'))
    await client.insert({ table: 'events', values: rows, format: 'JSONEachRow' })
    progress(rows.length)
  },
})
await stopSignal()
await consumer.disconnect()
await client.close()
process.disconnect()
