import { mkdir } from 'node:fs/promises'
import { eventually, freePort, SeparateServices, type Cleanup } from '@millrace/e2e'
import { topics } from '@millrace/events'
import type { Log } from '@millrace/log'
import { openMillraceLog } from '../../core/bench-log.ts'
import { YardstickProcess } from '../../core/yardstick-process.ts'

/** A server that takes events. */
export interface EventServer {
  readonly name: string
  readonly port: number
  readonly pid: number
  /** Records in its log; undefined where it has none. */
  readonly recordCount?: () => Promise<number>
}

const logBytesMax = 8_589_934_592
const startMsMax = 30_000

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
  const log = await openMillraceLog(
    { DATA_DIR: directory, KAFKA_BROKERS: brokers, EMBEDDED_LOG_BYTES_MAX: logBytesMax },
    cleanup,
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
  const server = new YardstickProcess('bare-fastify', { port })
  cleanup.defer(() => server.stop())
  await eventually('bare Fastify is ready', startMsMax, async () => {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`)
    if (!response.ok) throw new Error(`it answers ${response.status}`)
  })
  return { name, port, pid: server.pid }
}

async function recordCount(log: Log): Promise<number> {
  const watermarks = await log.watermarks(topics.raw)
  return watermarks.reduce((sum, { high }) => sum + high, 0)
}
