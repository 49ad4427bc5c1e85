/** The partitioned, durable log: one interface, an embedded implementation and a Kafka one. */
export type {
  AppendRecord,
  Assignment,
  CommittedPosition,
  ConsumerOptions,
  FetchLimits,
  FollowOptions,
  Log,
  LogAppender,
  LogConsumer,
  LogRecord,
  PartitionLoop,
  Position,
  RecordPlace,
  TopicSpec,
  Watermarks,
} from './log.ts'
export { LogError, PartitionLostError, type LogErrorCode } from './log-error.ts'
export { partitionOf } from './partitioner.ts'
export { Batcher, type BatcherOptions } from './batcher.ts'
export { openEmbeddedLog, type EmbeddedLogOptions } from './embedded/embedded-log.ts'
export {
  openDiskQueue,
  type DiskQueue,
  type DiskQueueOptions,
  type QueueRecord,
} from './embedded/disk-queue.ts'
export { openKafkaLog, type KafkaLogOptions } from './kafka/kafka-log.ts'
export { openLog, type OpenLogOptions } from './open-log.ts'
export { HeadWatch, type HeadWatchOptions } from './head-watch.ts'
export { awaitTopic } from './await-topic.ts'
