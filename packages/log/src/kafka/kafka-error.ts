import { describeError, isRetriable } from '@millrace/runtime'
import { LogError } from '../log-error.ts'

/** A node refused a request for a reason that the protocol names. */
export class KafkaProtocolError extends Error {
  override readonly name = 'KafkaProtocolError'
  readonly type: string

  constructor(type: string, message: string) {
    super(`${message}: ${type}`)
    this.type = type
  }
}

/** The answers that pass when metadata is refreshed, a leader is elected, or a coordinator has loaded. */
const passing: ReadonlySet<string> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
  'REQUEST_TIMED_OUT',
  'REPLICA_NOT_AVAILABLE',
  'BROKER_NOT_AVAILABLE',
  'CORRUPT_MESSAGE', // damaged on the way, as far as one can tell
  'NETWORK_EXCEPTION',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'GROUP_LOAD_IN_PROGRESS',
  'COORDINATOR_NOT_AVAILABLE',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR',
  'NOT_COORDINATOR_FOR_GROUP',
  'NOT_ENOUGH_REPLICAS',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'NOT_CONTROLLER',
  'KAFKA_STORAGE_ERROR',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'OFFSET_NOT_AVAILABLE',
  'UNSTABLE_OFFSET_COMMIT',
  'THROTTLING_QUOTA_EXCEEDED',
  'ERROR_78', // OFFSET_NOT_AVAILABLE, which kafkajs does not know by name
])

const lostMember: ReadonlySet<string> = new Set([
  'UNKNOWN_MEMBER_ID',
  'ILLEGAL_GENERATION',
  'FENCED_INSTANCE_ID',
  'REBALANCE_IN_PROGRESS',
])

/** The protocol's name of what went wrong, through kafkajs's wrappers; undefined for trouble of another kind. */
export function protocolTypeOf(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('type' in cause && typeof cause.type === 'string') return cause.type
  }
  return undefined
}

/** True for trouble that may pass: the network, a moved leader or coordinator, a node that does not answer. */
export function isPassing(error: unknown): boolean {
  const type = protocolTypeOf(error)
  if (type !== undefined) return passing.has(type)
  return isOfConnection(error) || isRetriable(error)
}

/** The coordinator no longer knows the member under its generation. */
export function isLostMember(error: unknown): boolean {
  return lostMember.has(protocolTypeOf(error) ?? '')
}

/** No answer came: the request may or may not have been carried out. */
export function isOfConnection(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (connectionErrors.has(cause.name)) return true
  }
  return false
}

const connectionErrors: ReadonlySet<string> = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
  'KafkaJSLockTimeout',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSTopicMetadataNotLoaded',
  'KafkaJSGroupCoordinatorNotFound',
])

export function unavailable(what: string, cause: unknown): LogError {
  const retriable = cause === undefined || isPassing(cause)
  return new LogError(`${what}: ${describeError(cause)}`, { code: 'LOG_UNAVAILABLE', retriable, cause })
}

export function unknownTopic(topic: string): LogError {
  return new LogError(`there is no topic ${topic}`, { code: 'UNKNOWN_TOPIC', retriable: false })
}
