/** The same with kafkajs as one would write it: eachBatch in, sendBatch out. */
import { CompressionTypes, Kafka, logLevel, Partitioners } from 'kafkajs'
import { teachLz4 } from './kafkajs-lz4.ts'
import { startProgress, stopSignal, yardstickOptions } from './yardstick.ts'

interface Options {
  readonly brokers: string
  readonly groupId: string
  readonly from: string
  readonly to: string
}

const { brokers, groupId, from, to } = yardstickOptions() as Options
const progress = startProgress()
teachLz4()
const kafka = new Kafka({ clientId: 'bench', brokers: brokers.split(','), logLevel: logLevel.NOTHING })
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
const consumer = kafka.consumer({ groupId, maxBytesPerPartition: 8 * 2 ** 20, maxBytes: 32 * 2 ** 20 })
await producer.connect()
await consumer.connect()
await consumer.subscribe({ topic: from, fromBeginning: true })
await consumer.run({
  eachBatch: async ({ batch }) => {
    const messages = batch.messages.map(({ value }) => {
      const parsed: unknown = JSON.parse(value?.toString('utf8') ?? 'null')
      return { value: JSON.stringify(parsed), partition: batch.partition }
    })
    for (let start = 0; start < messages.length; start += 1_000) {
      await producer.send({
        topic: to,
        acks: -1,
        compression: CompressionTypes.LZ4,
        messages: messages.slice(start, start + 1_000),
      })
    }
    progress(messages.length)
  },
})
await stopSignal()
await consumer.disconnect()
await producer.disconnect()
process.disconnect()
