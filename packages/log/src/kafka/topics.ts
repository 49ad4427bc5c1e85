import { LogError } from '../log-error.ts'
import type { TopicSpec } from '../log.ts'
import type { KafkaClient } from './client.ts'
import { KafkaProtocolError, protocolTypeOf, unknownTopic } from './kafka-error.ts'
import {
  describeTopicConfig,
  errorTypeOf,
  topicResource,
  type KafkajsBroker,
  type PartitionMetadata,
} from './kafkajs-internals.ts'

const createMsMax = 30_000
const dayMs = 86_400_000
/** Kafka's default for `segment.ms` is 7 days. */
const segmentMsMax = 7 * dayMs
const segmentMsMin = 1_000
/** Retention removes whole segments only, so the last of them outlives it by this share at most. */
const segmentsPerRetention = 8

const secretSegmentMsMax = 3_600_000

/** @throws LogError `PARTITION_COUNT_DIFFERS`, `LOG_UNAVAILABLE` */
export async function createTopics(client: KafkaClient, specs: readonly TopicSpec[]): Promise<void> {
  const limits = { msMax: createMsMax }
  for (const spec of specs) {
    await client.untilItPasses(`creating ${spec.topic}`, limits, () => createTopic(client, spec))
  }
  for (const spec of specs) {
    await client.untilItPasses(`the leaders of ${spec.topic}`, limits, () => expectLeaders(client, spec))
  }
}

async function createTopic(client: KafkaClient, spec: TopicSpec): Promise<void> {
  const topic = {
    topic: spec.topic,
    numPartitions: spec.partitions,
    replicationFactor: spec.replicationFactor ?? brokersDefault,
    configEntries: Object.entries(topicConfig(spec)).map(([name, value]) => ({ name, value })),
  }
  try {
    await client.askController((broker) => broker.createTopics({ topics: [topic], timeout: createMsMax }))
  } catch (error) {
    const cause = firstOf(error)
    if (protocolTypeOf(cause) !== 'TOPIC_ALREADY_EXISTS') throw cause
    if (spec.isSecret === true) await makeSecret(client, spec)
  }
}

/** Gives a topic from before the settings of a secret one; what else is set on it stays. */
async function makeSecret(client: KafkaClient, spec: TopicSpec): Promise<void> {
  const wanted = secretConfig(spec)
  await client.askController(async (broker) => {
    const { own, effective } = await describeTopicConfig(broker, spec.topic)
    const isShort = Number(effective['segment.ms']) <= Number(wanted['segment.ms'])
    if (isShort && effective['compression.type'] === wanted['compression.type']) return
    const configEntries = Object.entries({ ...own, ...wanted }).map(([name, value]) => ({ name, value }))
    await broker.alterConfigs({ resources: [{ type: topicResource, name: spec.topic, configEntries }] })
  })
}

/** The broker's own `default.replication.factor`. */
const brokersDefault = -1

function topicConfig(spec: TopicSpec): Record<string, string> {
  const { retentionMs, replicationFactor = 1, isSecret = false } = spec
  return {
    'cleanup.policy': 'delete',
    'retention.ms': String(retentionMs),
    'segment.ms': String(segmentMs(retentionMs, segmentMsMax)),
    'message.timestamp.type': 'LogAppendTime', // one clock for a partition, and for its retention
    ...(replicationFactor >= 3 ? { 'min.insync.replicas': '2' } : {}),
    ...(isSecret ? secretConfig(spec) : {}),
  }
}

/**
 * A record outlives its retention by at most `segment.ms` (1 h), `log.retention.check.interval.ms` (5 minutes) and
 * `file.delete.delay.ms` (1 minute), the latter two by Kafka's defaults: retention goes by the newest record of a segment
 * and takes whole segments, the one in use too (it is rolled first); a segment takes no record once its first is older
 * than `segment.ms`. Stored uncompressed, so that a search of a broker's disk finds what is there.
 */
function secretConfig({ retentionMs }: TopicSpec): Record<string, string> {
  return {
    'segment.ms': String(segmentMs(retentionMs, secretSegmentMsMax)),
    'compression.type': 'uncompressed',
  }
}

function segmentMs(retentionMs: number, msMax: number): number {
  return Math.min(msMax, Math.max(segmentMsMin, Math.floor(retentionMs / segmentsPerRetention)))
}

/** kafkajs collects the errors of all topics. */
function firstOf(error: unknown): unknown {
  if (!(error instanceof Error) || !('errors' in error)) return error
  const { errors } = error
  return Array.isArray(errors) ? (errors[0] as unknown) : error
}

/** Every node that answers knows the topic and a leader for each partition, so whoever asks next finds it. */
async function expectLeaders(client: KafkaClient, { topic, partitions }: TopicSpec): Promise<void> {
  await client.refreshMetadata()
  const counts = await Promise.allSettled(client.nodeIds().map((nodeId) => leadersAt(client, topic, nodeId)))
  const known = counts.flatMap((count) => (count.status === 'fulfilled' ? [count.value] : []))
  const refusal = counts.find(
    (count) => count.status === 'rejected' && protocolTypeOf(count.reason) !== undefined,
  )
  if (refusal?.status === 'rejected') throw refusal.reason
  const [first] = known
  if (first === undefined) throw new KafkaProtocolError('LEADER_NOT_AVAILABLE', topic)
  if (first !== partitions) {
    const message = `${topic} has ${first} partitions, not ${partitions}`
    throw new LogError(message, { code: 'PARTITION_COUNT_DIFFERS', retriable: false })
  }
}

async function leadersAt(client: KafkaClient, topic: string, nodeId: number): Promise<number> {
  const partitions = await client.askNode(nodeId, (broker) => partitionsAt(broker, topic))
  if (partitions.some(({ leader }) => leader < 0)) throw new KafkaProtocolError('LEADER_NOT_AVAILABLE', topic)
  return partitions.length
}

/** The partitions of a topic, from 0. @throws LogError `UNKNOWN_TOPIC`, or what a repeat may mend */
export async function partitionsOf(client: KafkaClient, topic: string): Promise<readonly number[]> {
  try {
    const partitions = await client.askController((broker) => partitionsAt(broker, topic))
    return partitions.map(({ partitionId }) => partitionId).toSorted((a, b) => a - b)
  } catch (error) {
    if (protocolTypeOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION') throw unknownTopic(topic)
    throw error
  }
}

async function partitionsAt(broker: KafkajsBroker, topic: string): Promise<readonly PartitionMetadata[]> {
  const { topicMetadata } = await broker.metadata([topic])
  const known = topicMetadata.find((one) => one.topic === topic)
  const errorType = known === undefined ? 'UNKNOWN_TOPIC_OR_PARTITION' : errorTypeOf(known.topicErrorCode)
  if (known === undefined || errorType !== 'NONE') throw new KafkaProtocolError(errorType, topic)
  return known.partitionMetadata
}
