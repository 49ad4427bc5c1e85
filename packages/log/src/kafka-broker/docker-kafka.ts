import { KafkaContainer } from '@testcontainers/kafka'
import { getContainerRuntimeClient } from 'testcontainers'
import { kafkaVersions, type KafkaCluster, type KafkaClusterOptions } from './kafka-cluster.ts'

const kafkaPort = 9093

/** True when a Docker daemon answers. */
export async function isDockerThere(): Promise<boolean> {
  try {
    await getContainerRuntimeClient()
    return true
  } catch {
    return false
  }
}

/** One broker in a container. Its faults are not ours to make, so it has no nodes. */
export async function startDockerKafka(options: KafkaClusterOptions): Promise<KafkaCluster> {
  const { version = kafkaVersions.current } = options
  const environment = Object.fromEntries(
    Object.entries({
      'group.initial.rebalance.delay.ms': '0',
      'group.min.session.timeout.ms': '1000',
      'auto.create.topics.enable': 'false',
      'log.retention.check.interval.ms': '500',
      'log.initial.task.delay.ms': '500',
      ...options.properties,
    }).map(([name, value]) => [`KAFKA_${name.replaceAll('.', '_').toUpperCase()}`, value]),
  )
  const container = await new KafkaContainer(confluentImage(version))
    .withKraft()
    .withEnvironment(environment)
    .withExposedPorts(kafkaPort)
    .start()
  return {
    brokers: `${container.getHost()}:${container.getMappedPort(kafkaPort)}`,
    source: 'docker',
    version,
    nodes: [],
    async close() {
      await container.stop()
    },
  }
}

/** Confluent Platform 7.9 carries Kafka 3.9, 8.x carries 4.x. */
function confluentImage(version: string): string {
  return version.startsWith('3.9') ? 'confluentinc/cp-kafka:7.9.0' : 'confluentinc/cp-kafka:8.0.0'
}
