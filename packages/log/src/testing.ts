/** Test builders of the log, and the suite that every implementation passes. */
import type { KafkaCluster, KafkaClusterOptions } from './kafka-broker/kafka-cluster.ts'
import { findKafkaSource, whyNoKafka } from './kafka-broker/kafka-source.ts'

export { describeLogContract, type ContractLimits, type LogUnderTest } from './log-contract.ts'
export { aTemporaryEmbeddedLog, type TemporaryLog } from './embedded/temporary-log.ts'
export type { KafkaCluster, KafkaClusterOptions, KafkaNode } from './kafka-broker/kafka-cluster.ts'
export { kafkaVersions } from './kafka-broker/kafka-cluster.ts'

/**
 * Starts a real Kafka: in Docker where a daemon answers, else the cluster that `KAFKA_BROKERS` names, else nodes of
 * its own from Maven Central's jars. Close it when done; it ends with this process at the latest.
 */
export async function startKafka(options: KafkaClusterOptions = {}): Promise<KafkaCluster> {
  const start = await findKafkaSource({ ...options, givenBrokers: process.env.KAFKA_BROKERS })
  if (start === undefined) throw new Error(`no Kafka: ${(await kafkaUnavailable(options)) ?? ''}`)
  return start()
}

/** Why `startKafka` cannot start one here, for the name of a skipped suite; undefined when it can. */
export function kafkaUnavailable(options: KafkaClusterOptions = {}): Promise<string | undefined> {
  return whyNoKafka({ ...options, givenBrokers: process.env.KAFKA_BROKERS })
}
