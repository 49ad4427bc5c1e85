/**
 * The parts of kafkajs that this package stands on: its connections, its protocol requests and its metadata cache.
 * Its producer and consumer are not used; see `appender.ts` and `consumer.ts` for the reasons.
 */
import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import './kafkajs-fixes.ts'

const require = createRequire(import.meta.url)

export type SocketFactory = (options: {
  readonly host: string
  readonly port: number
  readonly onConnect: () => void
}) => Socket

export interface KafkajsLogEntry {
  readonly namespace: string
  readonly label: string
  readonly log: { readonly message: string } & Readonly<Record<string, unknown>>
}

export interface KafkajsLogger {
  namespace(name: string): KafkajsLogger
}

export interface PartitionMetadata {
  readonly partitionId: number
  /** Below 0 when there is none. */
  readonly leader: number
}

export interface TopicMetadata {
  readonly topic: string
  readonly topicErrorCode: number
  readonly partitionMetadata: readonly PartitionMetadata[]
}

export interface ClusterMetadata {
  readonly brokers: readonly { readonly nodeId: number }[]
  readonly topicMetadata: readonly TopicMetadata[]
}

export interface ProtocolRequest<T> {
  readonly request: {
    readonly apiKey: number
    readonly apiVersion: number
    readonly apiName: string
    readonly encode: () => Promise<EncodedPayload>
    readonly expectResponse?: () => boolean
  }
  readonly response: {
    readonly decode: (raw: Buffer) => Promise<T & { readonly clientSideThrottleTime: number }>
    readonly parse: (decoded: T) => Promise<T>
  }
  readonly requestTimeout?: number
  readonly logResponseError?: boolean
}

export interface EncodedPayload {
  readonly buffer: Buffer
  writeBufferInternal(buffer: Buffer): void
}

export interface TopicPartitions<P> {
  readonly topic: string
  readonly partitions: readonly P[]
}

export interface GroupMembership {
  readonly groupId: string
  readonly groupGenerationId: number
  readonly memberId: string
}

/** One node, with the requests it answers. */
export interface KafkajsBroker {
  readonly nodeId: number | string
  readonly versions: Readonly<Record<number, { minVersion: number; maxVersion: number }>> | null
  readonly connectionPool: {
    readonly host: string
    readonly port: number
    send<T>(request: ProtocolRequest<T>): Promise<T>
  }
  lookupRequest<Options, T>(
    apiKey: number,
    definitions: RequestDefinitions<Options, T>,
  ): (options: Options) => ProtocolRequest<T>
  metadata(topics: readonly string[]): Promise<ClusterMetadata>
  initProducerId(options: {
    transactionTimeout: number
  }): Promise<{ producerId: string; producerEpoch: number }>
  syncGroup(options: {
    groupId: string
    generationId: number
    memberId: string
    groupAssignment: readonly { memberId: string; memberAssignment: Buffer }[]
  }): Promise<{ readonly memberAssignment: Buffer }>
  heartbeat(membership: GroupMembership): Promise<unknown>
  leaveGroup(options: { groupId: string; memberId: string }): Promise<unknown>
  offsetCommit(
    options: GroupMembership & {
      topics: readonly TopicPartitions<{ partition: number; offset: string; metadata: string }>[]
    },
  ): Promise<unknown>
  offsetFetch(options: {
    groupId: string
    topics: readonly TopicPartitions<{ partition: number }>[]
  }): Promise<{
    readonly responses: readonly TopicPartitions<{
      readonly partition: number
      readonly offset: string
      readonly metadata: string | null
    }>[]
  }>
  listOffsets(options: {
    isolationLevel: number
    topics: readonly TopicPartitions<{ partition: number; timestamp: string }>[]
  }): Promise<{
    readonly responses: readonly TopicPartitions<{ readonly partition: number; readonly offset: string }>[]
  }>
  createTopics(options: {
    topics: readonly {
      topic: string
      numPartitions: number
      replicationFactor: number
      configEntries: readonly { name: string; value: string }[]
    }[]
    timeout: number
  }): Promise<unknown>
  describeConfigs(options: { resources: readonly { type: number; name: string }[] }): Promise<{
    readonly resources: readonly {
      readonly configEntries: readonly {
        readonly configName: string
        readonly configValue: string
        readonly configSource: number
      }[]
    }[]
  }>
  /** Replaces all that is set on the resource. */
  alterConfigs(options: {
    resources: readonly {
      type: number
      name: string
      configEntries: readonly { name: string; value: string }[]
    }[]
  }): Promise<unknown>
}

interface RequestDefinitions<Options, T> {
  readonly protocol: (version: { version: number }) => (options: Options) => ProtocolRequest<T>
}

interface JoinGroupOptions {
  readonly groupId: string
  readonly sessionTimeout: number
  readonly rebalanceTimeout: number
  readonly memberId: string
  readonly protocolType: 'consumer'
  readonly groupProtocols: readonly { name: string; metadata: Buffer }[]
}

export interface JoinedGroup {
  readonly generationId: number
  readonly memberId: string
  readonly leaderId: string
  readonly members: readonly { readonly memberId: string }[]
}

/** The connections to all nodes and the cached metadata. */
export interface KafkajsCluster {
  readonly targetTopics: Set<string>
  readonly brokerPool: {
    readonly metadata: ClusterMetadata | null
  }
  connect(): Promise<void>
  disconnect(): Promise<void>
  refreshMetadata(): Promise<void>
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>
  findBroker(options: { nodeId: number }): Promise<KafkajsBroker>
  findControllerBroker(): Promise<KafkajsBroker>
  findGroupCoordinator(options: { groupId: string }): Promise<KafkajsBroker>
  findTopicPartitionMetadata(topic: string): readonly PartitionMetadata[]
}

export const Cluster = require('kafkajs/src/cluster') as new (options: {
  logger: KafkajsLogger
  socketFactory: SocketFactory
  brokers: readonly string[]
  clientId: string
  connectionTimeout: number
  requestTimeout: number
  metadataMaxAge: number
  allowAutoTopicCreation: boolean
  retry: { retries: number; initialRetryTime: number; maxRetryTime: number }
}) => KafkajsCluster

export const Encoder = require('kafkajs/src/protocol/encoder') as new (size?: number) => EncodedPayload

export const { MemberMetadata, MemberAssignment } = require('kafkajs/src/consumer/assignerProtocol') as {
  readonly MemberMetadata: { encode(options: { version: number; topics: readonly string[] }): Buffer }
  readonly MemberAssignment: {
    encode(options: { version: number; assignment: Readonly<Record<string, readonly number[]>> }): Buffer
    decode(buffer: Buffer): { readonly assignment: Readonly<Record<string, readonly number[]>> } | null
  }
}

export const { createLogger } = require('kafkajs/src/loggers') as {
  readonly createLogger: (options: {
    level: number
    logCreator: () => (entry: KafkajsLogEntry) => void
  }) => KafkajsLogger
}

const { requests } = require('kafkajs/src/protocol/requests') as {
  readonly requests: { readonly JoinGroup: RequestDefinitions<JoinGroupOptions, JoinedGroup> }
}
const joinGroupKey = 11

/**
 * Joins, for a new member once without an id: the error then names the id to join with (KIP-394). kafkajs's own
 * `joinGroup` repeats the request by itself, so a member that is interrupted would not know whom to sign off.
 */
export function joinGroup(broker: KafkajsBroker, options: JoinGroupOptions): Promise<JoinedGroup> {
  return broker.connectionPool.send(broker.lookupRequest(joinGroupKey, requests.JoinGroup)(options))
}

/** The id that a new member is told to join with; undefined for any other error. */
export function memberIdRequired(error: unknown): string | undefined {
  const isIt = error instanceof Error && error.name === 'KafkaJSMemberIdRequired' && 'memberId' in error
  return isIt && typeof error.memberId === 'string' ? error.memberId : undefined
}

/** The type of a topic among the resources that have settings. */
export const topicResource = 2
const setOnTopic = 1

/** The settings that count for a topic, and among them those set on the topic itself. */
export async function describeTopicConfig(
  broker: KafkajsBroker,
  topic: string,
): Promise<{ readonly own: Record<string, string>; readonly effective: Record<string, string> }> {
  const { resources } = await broker.describeConfigs({ resources: [{ type: topicResource, name: topic }] })
  const entries = resources[0]?.configEntries ?? []
  const own = entries.filter(({ configSource }) => configSource === setOnTopic)
  const values = (some: typeof entries): Record<string, string> =>
    Object.fromEntries(some.map(({ configName, configValue }) => [configName, configValue]))
  return { own: values(own), effective: values(entries) }
}

const { errorCodes } = require('kafkajs/src/protocol/error') as {
  readonly errorCodes: readonly { readonly type: string; readonly code: number }[]
}

/** The protocol's name of an error code, such as `NOT_LEADER_FOR_PARTITION`; `NONE` for 0. */
export function errorTypeOf(code: number): string {
  if (code === 0) return 'NONE'
  return errorCodes.find((known) => known.code === code)?.type ?? `ERROR_${code}`
}
