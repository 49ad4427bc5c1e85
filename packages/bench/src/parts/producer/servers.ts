import { mkdir } from 'node:fs/promises'
import { freePort, SeparateServices, ServiceProcess, type Cleanup } from '@millrace/e2e'
import { topics, topicSpecs } from '@millrace/events'
import { openLog, type Log } from '@millrace/log'

/** A server that takes events. */
export interface EventServer {
  readonly name: string
  readonly port: number
  readonly pid: number
  /** Records in its log; undefined where it has none. */
  readonly recordCount?: () => Promise<number>
}

/** As `LOG_PARTITIONS` has it by default. */
const partitions = 4
const logBytesMax = 8_589_934_592

/** Our producer in a process of its own, with its default options. */
export async function startProducer(options: {
  readonly name: string
  readonly directory: string
  /** Undefined: the embedded log. */
  readonly brokers: string | undefined
  readonly cleanup: Cleanup
}): Promise<EventServer> {
  const { name, directory, brokers, cleanup } = options
  await mkdir(directory, { recursive: true })
  const log = await openLog(
    { DATA_DIR: directory, KAFKA_BROKERS: brokers, EMBEDDED_LOG_BYTES_MAX: logBytesMax },
    { clientId: 'millrace-bench' },
  )
  cleanup.defer(() => log.close())
  await log.createTopics(
    topicSpecs({ partitions, replicationFactor: 1, rawRetentionH: 24, enrichedRetentionH: 72 }),
  )
  const services = new SeparateServices({
    DATA_DIR: directory,
    ...(brokers === undefined ? {} : { KAFKA_BROKERS: brokers }),
  })
  cleanup.defer(() => services.stop())
  const { service, url } = await services.startProducer()
  return { name, port: Number(new URL(url).port), pid: service.pid, recordCount: () => recordCount(log) }
}

/** The yardstick: a Fastify route that answers 202. */
export async function startBareFastify(name: string, cleanup: Cleanup): Promise<EventServer> {
  const port = await freePort()
  const service = await ServiceProcess.start({
    entry: 'packages/bench/dist/yardsticks/bare-fastify.js',
    environment: { PORT: String(port) },
    readyUrl: `http://127.0.0.1:${port}/readyz`,
  })
  cleanup.defer(() => service.stop())
  return { name, port, pid: service.pid }
}

async function recordCount(log: Log): Promise<number> {
  const watermarks = await log.watermarks(topics.raw)
  return watermarks.reduce((sum, { high }) => sum + high, 0)
}
