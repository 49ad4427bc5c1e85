import { delay, describeError } from '@millrace/runtime'
import { LogError, PartitionLostError } from '../log-error.ts'
import type { Watermarks } from '../log.ts'
import { groupBy } from './group-by.ts'
import { isOfConnection, isPassing, KafkaProtocolError, unavailable, unknownTopic } from './kafka-error.ts'
import {
  Cluster,
  createLogger,
  errorTypeOf,
  type KafkajsBroker,
  type KafkajsCluster,
  type KafkajsLogEntry,
  type TopicPartitions,
} from './kafkajs-internals.ts'
import { Sockets } from './sockets.ts'

/** A line about the connection to Kafka, at most a warning: what matters is thrown. */
export type KafkaWarning = (message: string, details: Readonly<Record<string, unknown>>) => void

export interface ClientOptions {
  readonly brokers: readonly string[]
  readonly clientId: string
  /** A request without an answer for longer ends its node's connections. */
  readonly requestTimeoutMs: number
  readonly onWarning: KafkaWarning
}

export const connectTimeoutMs = 3_000
const metadataMsMax = 300_000
const retryDelayMs = 100
const warnLevel = 2
const readUncommitted = 0
const earliest = '-2'
const latest = '-1'

/** The connections of one appender, one consumer or one administrator: their long requests never wait for each other. */
export class KafkaClient {
  readonly #cluster: KafkajsCluster
  readonly #sockets = new Sockets()
  /** The node that coordinates each group, as last heard. */
  readonly #coordinators = new Map<string, number>()
  #closing = false

  constructor(options: ClientOptions) {
    const write = ({ namespace, label, log }: KafkajsLogEntry): void => {
      const { message, ...details } = log
      if (!this.#closing) options.onWarning(message, { ...details, namespace, label })
    }
    this.#cluster = new Cluster({
      logger: createLogger({ level: warnLevel, logCreator: () => write }),
      socketFactory: this.#sockets.factory,
      brokers: options.brokers,
      clientId: options.clientId,
      connectionTimeout: connectTimeoutMs,
      requestTimeout: options.requestTimeoutMs,
      metadataMaxAge: metadataMsMax,
      allowAutoTopicCreation: false,
      retry: { retries: 1, initialRetryTime: retryDelayMs, maxRetryTime: retryDelayMs },
    })
  }

  /** @throws LogError `LOG_UNAVAILABLE`, `UNKNOWN_TOPIC` */
  async connect(options: {
    readonly topics?: readonly string[]
    readonly msMax: number
    readonly signal?: AbortSignal
  }): Promise<void> {
    await this.untilItPasses('connecting to Kafka', options, async () => {
      await this.#cluster.connect()
      if (this.#cluster.brokerPool.metadata === null) await this.#cluster.refreshMetadata()
    })
    for (const topic of options.topics ?? []) await this.knowTopic(topic, options)
  }

  /** Keeps the topic's metadata from now on. @throws LogError `UNKNOWN_TOPIC`, `LOG_UNAVAILABLE` */
  async knowTopic(
    topic: string,
    options: { readonly msMax: number; readonly signal?: AbortSignal },
  ): Promise<void> {
    if (this.#cluster.targetTopics.has(topic)) return
    const startedAt = Date.now()
    await this.untilItPasses(`the metadata of ${topic}`, options, async () => {
      await this.#cluster.addMultipleTargetTopics([topic])
      const errorType = this.#topicErrorType(topic)
      if (errorType === 'NONE') return
      this.#cluster.targetTopics.delete(topic)
      const waitedMs = Date.now() - startedAt
      if (errorType === 'UNKNOWN_TOPIC_OR_PARTITION' && waitedMs > unknownTopicMsMax)
        throw unknownTopic(topic)
      throw new KafkaProtocolError(errorType, topic)
    })
  }

  #topicErrorType(topic: string): string {
    const known = this.#cluster.brokerPool.metadata?.topicMetadata.find((one) => one.topic === topic)
    return known === undefined ? 'UNKNOWN_TOPIC_OR_PARTITION' : errorTypeOf(known.topicErrorCode)
  }

  /** The node that leads each partition, as last heard; below 0 for a partition that has none. */
  leaders(topic: string): ReadonlyMap<number, number> {
    const partitions = this.#cluster.findTopicPartitionMetadata(topic)
    return new Map(partitions.map(({ partitionId, leader }) => [partitionId, leader]))
  }

  nodeIds(): readonly number[] {
    return (this.#cluster.brokerPool.metadata?.brokers ?? []).map(({ nodeId }) => nodeId)
  }

  refreshMetadata(): Promise<void> {
    return this.#cluster.refreshMetadata()
  }

  askNode<T>(nodeId: number, ask: (broker: KafkajsBroker) => Promise<T>): Promise<T> {
    return this.#ask(() => this.#cluster.findBroker({ nodeId }), ask)
  }

  /** Asks the node that coordinates the group; where it is is looked up again after trouble that passes. */
  async askCoordinator<T>(groupId: string, ask: (broker: KafkajsBroker) => Promise<T>): Promise<T> {
    try {
      return await this.#ask(() => this.#findCoordinator(groupId), ask)
    } catch (error) {
      if (isPassing(error)) this.#coordinators.delete(groupId)
      throw error
    }
  }

  async #findCoordinator(groupId: string): Promise<KafkajsBroker> {
    const known = this.#coordinators.get(groupId)
    if (known !== undefined) return this.#cluster.findBroker({ nodeId: known })
    const coordinator = await this.#cluster.findGroupCoordinator({ groupId })
    this.#coordinators.set(groupId, Number(coordinator.nodeId))
    return coordinator
  }

  askController<T>(ask: (broker: KafkajsBroker) => Promise<T>): Promise<T> {
    return this.#ask(() => this.#cluster.findControllerBroker(), ask)
  }

  async #ask<T>(find: () => Promise<KafkajsBroker>, ask: (broker: KafkajsBroker) => Promise<T>): Promise<T> {
    const broker = await find()
    try {
      return await ask(broker)
    } catch (error) {
      if (isOfConnection(error)) this.#sockets.destroy(describeError(error), broker.connectionPool)
      throw error
    }
  }

  /** Repeats what fails for a reason that passes, with fresh metadata. @throws LogError `LOG_UNAVAILABLE` */
  async untilItPasses<T>(
    what: string,
    { msMax, signal }: { readonly msMax: number; readonly signal?: AbortSignal },
    operation: () => Promise<T>,
  ): Promise<T> {
    const deadline = Date.now() + msMax
    for (;;) {
      try {
        return await operation()
      } catch (error) {
        if (error instanceof LogError || error instanceof PartitionLostError) throw error
        if (!isPassing(error) || Date.now() > deadline || signal?.aborted === true)
          throw unavailable(what, error)
      }
      await delay(retryDelayMs, signal)
      await this.refreshMetadata().catch(() => undefined) // the next try meets the same trouble, and reports it
    }
  }

  /** First retained and next free offset of the partitions, in their order. */
  async watermarks(topic: string, partitions: readonly number[]): Promise<readonly Watermarks[]> {
    const [low, high] = await Promise.all([
      this.#listOffsets({ topic, partitions }, earliest),
      this.#listOffsets({ topic, partitions }, latest),
    ])
    return partitions.map((partition) => ({
      partition,
      low: low.get(partition) ?? 0,
      high: high.get(partition) ?? 0,
    }))
  }

  async #listOffsets(
    wanted: TopicPartitions<number>,
    timestamp: string,
  ): Promise<ReadonlyMap<number, number>> {
    const { topic } = wanted
    const byLeader = groupBy(wanted.partitions, (partition) => this.leaderOf(topic, partition))
    const answers = await Promise.all(
      [...byLeader].map(([nodeId, partitions]) =>
        this.askNode(nodeId, (broker) =>
          broker.listOffsets({
            isolationLevel: readUncommitted,
            topics: [{ topic, partitions: partitions.map((partition) => ({ partition, timestamp })) }],
          }),
        ),
      ),
    )
    const offsets = answers.flatMap(({ responses }) => responses.flatMap((response) => response.partitions))
    return new Map(offsets.map(({ partition, offset }) => [partition, Number(offset)]))
  }

  /** @throws KafkaProtocolError that passes, when none is known */
  leaderOf(topic: string, partition: number): number {
    const leader = this.leaders(topic).get(partition)
    if (leader === undefined || leader < 0)
      throw new KafkaProtocolError('LEADER_NOT_AVAILABLE', `${topic}-${partition}`)
    return leader
  }

  /** Rejects every request under way; the next one connects again. */
  interrupt(): void {
    this.#sockets.destroy('interrupted')
  }

  async close(): Promise<void> {
    this.#closing = true
    this.#sockets.close()
    await this.#cluster.disconnect()
  }
}

/** A topic just created may be unknown to some nodes for this long. */
const unknownTopicMsMax = 1_500
