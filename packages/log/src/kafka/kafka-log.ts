import { randomBytes } from 'node:crypto'
import type {
  CommittedPosition,
  ConsumerOptions,
  FollowOptions,
  Log,
  LogAppender,
  LogConsumer,
  LogRecord,
  RecordPlace,
  TopicSpec,
  Watermarks,
} from '../log.ts'
import { KafkaAppender } from './appender.ts'
import { KafkaClient, type KafkaWarning } from './client.ts'
import type { Compression } from './compression.ts'
import { KafkaConsumer } from './consumer.ts'
import { Follower } from './follower.ts'
import { committedPositions } from './group-member.ts'
import { unknownTopic } from './kafka-error.ts'
import { readRecord } from './read-record.ts'
import { createTopics, partitionsOf } from './topics.ts'

export interface KafkaLogOptions {
  /** `host:port` of some of the cluster's nodes. */
  readonly brokers: readonly string[]
  /** Names this process in the broker's logs and quotas. */
  readonly clientId: string
  /** Of what is appended. Default `lz4`. */
  readonly compression?: Compression
  /** How long one append tries before it rejects; the request then under way is waited for. Default 15,000. */
  readonly appendMsMax?: number
  /** A request without an answer for longer is repeated on a new connection. Default 10,000. */
  readonly requestTimeoutMs?: number
  /** How long opening the log, or an appender, tries to reach a node. Default 30,000. */
  readonly connectMsMax?: number
  /** Default: warnings are dropped, since what matters is thrown. */
  readonly onWarning?: KafkaWarning
}

type Settled = Required<
  Pick<KafkaLogOptions, 'compression' | 'appendMsMax' | 'requestTimeoutMs' | 'connectMsMax'>
>

const answerMsMax = 15_000
const defaults: Settled = {
  compression: 'lz4',
  appendMsMax: 15_000,
  requestTimeoutMs: 10_000,
  connectMsMax: 30_000,
}
const consumerDefaults = { sessionTimeoutMs: 30_000, revokeMsMax: 10_000, prefetchBytesMax: 8_388_608 }
const requestTimeoutMsMin = 1_000

/**
 * Opens a log on Kafka 2.3 or newer; tested on 3.9 and 4.3.
 * @throws LogError `LOG_UNAVAILABLE` when no node answers within `connectMsMax`
 */
export async function openKafkaLog(options: KafkaLogOptions): Promise<Log> {
  const log = new KafkaLog(options)
  try {
    await log.connect()
    return log
  } catch (error) {
    await log.close()
    throw error
  }
}

interface Closable {
  close(): Promise<void>
}

class KafkaLog implements Log {
  readonly #options: KafkaLogOptions & Settled
  readonly #admin: KafkaClient
  readonly #open = new Set<Closable>()

  constructor(options: KafkaLogOptions) {
    this.#options = { ...defaults, ...options }
    this.#admin = this.#client()
  }

  connect(): Promise<void> {
    return this.#admin.connect({ msMax: this.#options.connectMsMax })
  }

  createTopics(topics: readonly TopicSpec[]): Promise<void> {
    return createTopics(this.#admin, topics)
  }

  async partitionCount(topic: string): Promise<number> {
    return (await this.#partitions(topic)).length
  }

  async watermarks(topic: string): Promise<readonly Watermarks[]> {
    const partitions = await this.#partitions(topic)
    await this.#admin.knowTopic(topic, { msMax: answerMsMax })
    return this.#admin.untilItPasses(`the watermarks of ${topic}`, { msMax: answerMsMax }, () =>
      this.#admin.watermarks(topic, partitions),
    )
  }

  async committed(groupId: string, topic: string): Promise<ReadonlyMap<number, CommittedPosition>> {
    const partitions = await this.#partitions(topic)
    return this.#admin.untilItPasses(`the positions of ${groupId}`, { msMax: answerMsMax }, () =>
      committedPositions(this.#admin, { groupId, topic, partitions }),
    )
  }

  #partitions(topic: string): Promise<readonly number[]> {
    const limits = { msMax: answerMsMax }
    return this.#admin.untilItPasses(`the partitions of ${topic}`, limits, () =>
      partitionsOf(this.#admin, topic),
    )
  }

  async appender(): Promise<LogAppender> {
    const { compression, appendMsMax, requestTimeoutMs } = this.#options
    const client = this.#client()
    const appender = new KafkaAppender(client, { compression, appendMsMax, requestTimeoutMs })
    const tracked = this.#track(appender)
    try {
      await client.connect({ msMax: this.#options.connectMsMax })
      await appender.open()
    } catch (error) {
      await tracked.close()
      throw error
    }
    return { append: (records) => appender.append(records), close: () => tracked.close() }
  }

  consumer(options: ConsumerOptions): LogConsumer {
    const settled = { ...consumerDefaults, ...options }
    // A heartbeat that a node does not answer must fail while the session still lasts.
    const heartbeatMs = Math.max(requestTimeoutMsMin, Math.floor(settled.sessionTimeoutMs / 3))
    const client = this.#client(Math.min(heartbeatMs, this.#options.requestTimeoutMs))
    const consumer = new KafkaConsumer(client, settled)
    this.#track({
      close: async () => {
        await consumer.drain()
        await client.close()
      },
    })
    return consumer
  }

  async follow(options: FollowOptions): Promise<{ stop(): Promise<void> }> {
    const follower = new Follower(this.#client(), options)
    const tracked = this.#track({ close: () => follower.stop() })
    try {
      await follower.start()
    } catch (error) {
      await tracked.close()
      throw error
    }
    return { stop: () => tracked.close() }
  }

  async read(place: RecordPlace): Promise<LogRecord | undefined> {
    const { topic, partition, offset } = place
    const limits = { msMax: answerMsMax }
    const partitions = await this.#partitions(topic)
    if (!partitions.includes(partition)) throw unknownTopic(`${topic}, partition ${partition}`)
    await this.#admin.knowTopic(topic, limits)
    return this.#admin.untilItPasses(`the record at ${topic}-${partition}, offset ${offset}`, limits, () =>
      readRecord(this.#admin, place),
    )
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((one) => one.close()))
    await this.#admin.close()
  }

  /** Closed at the latest with the log. */
  #track(one: Closable): Closable {
    const tracked = {
      close: async () => {
        if (this.#open.delete(tracked)) await one.close()
      },
    }
    this.#open.add(tracked)
    return tracked
  }

  #client(requestTimeoutMs = this.#options.requestTimeoutMs): KafkaClient {
    const { brokers, clientId, onWarning = () => undefined } = this.#options
    const ownId = `${clientId}-${randomBytes(3).toString('hex')}`
    return new KafkaClient({ brokers, clientId: ownId, requestTimeoutMs, onWarning })
  }
}
