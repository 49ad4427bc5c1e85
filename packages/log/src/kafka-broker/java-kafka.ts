import { mkdtemp } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { JavaNode } from './java-node.ts'
import { kafkaVersions, type KafkaCluster, type KafkaClusterOptions } from './kafka-cluster.ts'
import { installKafka } from './kafka-jars.ts'
import { guardProcesses } from './process-guard.ts'

/** KRaft nodes on loopback from the jars of Maven Central; gone, data included, with `close` or with this process. */
export async function startJavaKafka(options: KafkaClusterOptions): Promise<KafkaCluster> {
  const { brokers: count = 1, version = kafkaVersions.current } = options
  const installation = await installKafka(version)
  const directory = await mkdtemp(join(tmpdir(), 'millrace-kafka-'))
  const guard = guardProcesses(directory)
  const ports = await freePorts(2 * count)
  const voters = ports.slice(count).map((port, index) => `${index + 1}@127.0.0.1:${port}`)
  const nodes: JavaNode[] = ports.slice(0, count).map(
    (port, index) =>
      new JavaNode({
        id: index + 1,
        installation,
        directory: join(directory, `node-${index + 1}`),
        port,
        properties: nodeProperties({ id: index + 1, port, voters, options }),
        javaOptions: javaOptions(options),
        onProcessChange: () => {
          guard.guard(nodes.flatMap(({ pid }) => (pid === undefined ? [] : [pid])))
        },
      }),
  )
  try {
    await Promise.all(nodes.map((node) => node.prepare()))
    await Promise.all(nodes.map((node) => node.start()))
  } catch (error) {
    await guard.close()
    throw error
  }
  return {
    brokers: nodes.map(({ address }) => address).join(','),
    source: 'java',
    version,
    nodes,
    async close() {
      await Promise.all(nodes.map((node) => node.kill()))
      await guard.close()
    },
  }
}

function javaOptions({ heapMib = 256, quickStart = true }: KafkaClusterOptions): string[] {
  const common = ['-XX:+UseSerialGC', '-XX:-UsePerfData', '-Xshare:auto']
  return [`-Xms${heapMib}m`, `-Xmx${heapMib}m`, ...common, ...(quickStart ? ['-XX:TieredStopAtLevel=1'] : [])]
}

function nodeProperties(node: {
  readonly id: number
  readonly port: number
  readonly voters: readonly string[]
  readonly options: KafkaClusterOptions
}): Record<string, string> {
  const count = node.voters.length
  const copies = String(count)
  const copiesMin = String(Math.max(1, count - 1))
  const controllerAddress = node.voters[node.id - 1]?.split('@')[1] ?? ''
  return {
    'process.roles': 'broker,controller',
    'node.id': String(node.id),
    'controller.quorum.voters': node.voters.join(','),
    listeners: `PLAINTEXT://127.0.0.1:${node.port},CONTROLLER://${controllerAddress}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${node.port}`,
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'offsets.topic.num.partitions': '4', // default 50: slow first join
    'offsets.topic.replication.factor': copies,
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': copiesMin,
    'default.replication.factor': copies,
    'min.insync.replicas': copiesMin,
    'group.initial.rebalance.delay.ms': '0', // default 3,000
    'group.min.session.timeout.ms': '1000', // default 6,000; tests evict sooner
    'auto.create.topics.enable': 'false',
    'unclean.leader.election.enable': 'false',
    'log.cleaner.dedupe.buffer.size': '2097152', // default 128 MiB of heap
    'log.retention.check.interval.ms': '500', // default 5 minutes
    'log.initial.task.delay.ms': '500', // default 30 s
    'num.network.threads': '2',
    'num.io.threads': '4',
    'broker.session.timeout.ms': '3000', // default 9,000: sooner failover
    'broker.heartbeat.interval.ms': '500',
    'controlled.shutdown.enable': 'true',
    ...node.options.properties,
  }
}

/** Ports that are free now; all are held at once, so they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject)
          server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
        }),
    ),
  )
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
