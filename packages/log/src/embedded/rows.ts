import { LogError } from '../log-error.ts'
import type { CommittedPosition, TopicSpec } from '../log.ts'
import type { Condition, Environment, Row, RowKey } from './environment.ts'

export interface TopicRow {
  readonly partitions: number
  readonly retentionMs: number
  /** See `TopicSpec`. */
  readonly isSecret?: boolean
  /** It became secret later, and copies from before may lie in the file. */
  readonly hasOpenCopies?: boolean
}

/** The next free offset of a partition is the row's version less one, so that an append depends on it. */
export interface HeadRow {
  /** Bytes that all records ever appended took. */
  readonly bytes: number
}

/** The first retained offset is the row's version less one. */
export interface LowRow {
  /** Bytes of those that have been removed. */
  readonly bytes: number
}

export interface PartitionEnd {
  readonly offset: number
  readonly bytes: number
  readonly condition: Condition
}

export const topicKey = (topic: string): RowKey => ['topic', topic]
export const headKey = (topic: string, partition: number): RowKey => ['head', topic, partition]
export const lowKey = (topic: string, partition: number): RowKey => ['low', topic, partition]
export const committedKey = (groupId: string, topic: string, partition: number): RowKey => [
  'committed',
  groupId,
  topic,
  partition,
]

export function readTopic(environment: Environment, topic: string): TopicRow {
  const row = environment.row(topicKey(topic))
  if (row === undefined) throw unknownTopic(topic)
  return row.value as TopicRow
}

export function readTopics(environment: Environment): { topic: string; row: TopicRow }[] {
  return environment
    .rows(['topic'])
    .map(({ key, row }) => ({ topic: key[1] as string, row: row.value as TopicRow }))
}

/** A partition's end (`head`) or beginning (`low`). */
export function readEnd(environment: Environment, key: RowKey): PartitionEnd {
  const row = environment.row(key)
  if (row === undefined) throw unknownTopic(`${key[1]}, partition ${key[2]}`)
  return partitionEnd(key, row)
}

export function partitionEnd(key: RowKey, row: Row): PartitionEnd {
  const { bytes } = row.value as HeadRow | LowRow
  return { offset: row.version - 1, bytes, condition: { key, version: row.version } }
}

export function putEnd(environment: Environment, key: RowKey, end: { offset: number; bytes: number }): void {
  const row: HeadRow | LowRow = { bytes: end.bytes }
  environment.putRow(key, row, end.offset + 1)
}

/** Writes the topic's rows unless it is there; resolves with whether it was this call that created it. */
export function createTopic(environment: Environment, spec: TopicSpec): Promise<boolean> {
  const { topic, partitions, retentionMs, isSecret = false } = spec
  const row: TopicRow = { partitions, retentionMs, ...(isSecret ? { isSecret } : {}) }
  return environment.write([{ key: topicKey(topic), version: null }], () => {
    environment.putRow(topicKey(topic), row, 1)
    for (let partition = 0; partition < partitions; partition++) {
      putEnd(environment, headKey(topic, partition), { offset: 0, bytes: 0 })
      putEnd(environment, lowKey(topic, partition), { offset: 0, bytes: 0 })
    }
  })
}

export function readCommitted(
  environment: Environment,
  key: { groupId: string; topic: string; partition: number },
): CommittedPosition | undefined {
  const row = environment.row(committedKey(key.groupId, key.topic, key.partition))
  return row?.value as CommittedPosition | undefined
}

function unknownTopic(topic: string): LogError {
  return new LogError(`there is no topic ${topic}`, { code: 'UNKNOWN_TOPIC', retriable: false })
}
