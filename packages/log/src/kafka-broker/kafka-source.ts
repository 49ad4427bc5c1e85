import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { kafkaVersions, type KafkaCluster, type KafkaClusterOptions } from './kafka-cluster.ts'
import { startJavaKafka } from './java-kafka.ts'

const run = promisify(execFile)

/** What a suite that needs Kafka names when it is skipped. */
const needs = 'needs a Docker daemon, KAFKA_BROKERS, or java and mvn'

export interface KafkaRequest extends KafkaClusterOptions {
  /** `KAFKA_BROKERS` as the environment has it. */
  readonly givenBrokers: string | undefined
}

/** Where a cluster as asked for would come from, in this order; undefined when nothing here can start one. */
export async function findKafkaSource(
  request: KafkaRequest,
): Promise<(() => Promise<KafkaCluster>) | undefined> {
  const ofOurOwn = isOfOurOwn(request)
  if (!ofOurOwn) {
    const docker = await import('./docker-kafka.ts') // costs half a second, which most users of this door need not pay
    if (await docker.isDockerThere()) return () => docker.startDockerKafka(request)
  }
  const { givenBrokers } = request
  if (!ofOurOwn && givenBrokers !== undefined && givenBrokers !== '') {
    return () => Promise.resolve(givenCluster(givenBrokers, request))
  }
  if (await isJavaThere()) return () => startJavaKafka(request)
  return undefined
}

/** Why no cluster can be started here; undefined when one can. */
export async function whyNoKafka(request: KafkaRequest): Promise<string | undefined> {
  const source = await findKafkaSource(request)
  if (source !== undefined) return undefined
  return isOfOurOwn(request) ? 'needs java and mvn' : needs
}

function isOfOurOwn({ brokers, faults, properties }: KafkaRequest): boolean {
  return brokers === 3 || faults === true || properties !== undefined
}

function givenCluster(brokers: string, { version = kafkaVersions.current }: KafkaRequest): KafkaCluster {
  return { brokers, source: 'environment', version, nodes: [], close: () => Promise.resolve() }
}

async function isJavaThere(): Promise<boolean> {
  try {
    await run('sh', ['-c', 'command -v java && command -v mvn'])
    return true
  } catch {
    return false
  }
}
