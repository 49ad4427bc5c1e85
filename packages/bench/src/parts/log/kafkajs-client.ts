import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { CompressionTypes, Kafka, logLevel, type Message } from 'kafkajs'
import type { RecordBatches } from './record-batches.ts'

/** Fetches up to this much at once, as our consumer reads ahead. */
const fetchBytesMax = 8_388_608

/** kafkajs as its documentation shows it, with the settings that match ours. */
export class KafkaJsClient {
  readonly #kafka: Kafka

  constructor(brokers: readonly string[]) {
    this.#kafka = new Kafka({ clientId: 'bench', brokers: [...brokers], logLevel: logLevel.NOTHING })
  }

  /** Idempotent, `acks=all`; each batch acknowledged before the next goes out. */
  async append({ batches }: RecordBatches): Promise<void> {
    const producer = this.#kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    try {
      for (const batch of batches) {
        const messages: Message[] = batch.map(({ key, value, partition }) => ({ key, value, partition }))
        const topic = batch[0]?.topic ?? ''
        await producer.send({ topic, acks: -1, compression: CompressionTypes.None, messages })
      }
    } finally {
      await producer.disconnect()
    }
  }

  /** Reads a topic from its start in a group of its own, until it has `records`. */
  async read(
    { topic, records }: { readonly topic: string; readonly records: number },
    onAssigned: () => void,
  ): Promise<{ records: number; bytes: number }> {
    const seen = { records: 0, bytes: 0 }
    const consumer = this.#kafka.consumer({
      groupId: `${topic}-${randomBytes(4).toString('hex')}`,
      maxBytesPerPartition: fetchBytesMax,
      maxBytes: fetchBytesMax,
    })
    const whole = new AbortController()
    consumer.on(consumer.events.GROUP_JOIN, onAssigned)
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatch: ({ batch }) => {
        for (const { value } of batch.messages) {
          seen.records++
          seen.bytes += value?.length ?? 0
        }
        if (seen.records >= records) whole.abort()
        return Promise.resolve()
      },
    })
    if (!whole.signal.aborted) await once(whole.signal, 'abort')
    await consumer.disconnect()
    return seen
  }
}
