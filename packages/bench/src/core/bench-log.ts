import { join } from 'node:path'
import { topicSpecs } from '@millrace/events'
import { openLog, type Log, type OpenLogOptions } from '@millrace/log'
import { startKafka } from '@millrace/log/testing'
import type { BenchContext } from './bench-part.ts'

/** As `LOG_PARTITIONS` has it by default. */
export const partitionCount = 4
const logBytesMax = 64 * 2 ** 30

/** A log of its own for a part, with Millrace's topics. */
export interface BenchLog {
  readonly kind: 'embedded' | 'kafka'
  /** What services and yardsticks need to open it, by the options' names. */
  readonly environment: Readonly<Record<string, string>>
  readonly log: Log
  /** `host:port` list; undefined on the embedded log. */
  readonly brokers: string | undefined
}

export async function startBenchLog(
  kind: 'embedded' | 'kafka',
  { directory, cleanup }: Pick<BenchContext, 'directory' | 'cleanup'>,
): Promise<BenchLog> {
  const brokers = kind === 'kafka' ? await startBroker(cleanup) : undefined
  const options = {
    DATA_DIR: join(directory, kind),
    EMBEDDED_LOG_BYTES_MAX: logBytesMax,
    KAFKA_BROKERS: brokers,
  }
  const log = await openMillraceLog(options, cleanup)
  const environment = {
    DATA_DIR: options.DATA_DIR,
    EMBEDDED_LOG_BYTES_MAX: String(logBytesMax),
    ...(brokers === undefined ? {} : { KAFKA_BROKERS: brokers }),
  }
  return { kind, environment, log, brokers }
}

/** Opened until the cleanup, with the topics that `migrate` makes. */
export async function openMillraceLog(
  options: OpenLogOptions,
  cleanup: BenchContext['cleanup'],
): Promise<Log> {
  const log = await openLog(options, { clientId: 'bench' })
  cleanup.defer(() => log.close())
  const retention = { rawRetentionH: 24, enrichedRetentionH: 72 }
  await log.createTopics(topicSpecs({ partitions: partitionCount, replicationFactor: 1, ...retention }))
  return log
}

async function startBroker(cleanup: BenchContext['cleanup']): Promise<string> {
  const kafka = await startKafka({ brokers: 1, quickStart: false, heapMib: 512 })
  cleanup.defer(() => kafka.close())
  return kafka.brokers
}

/** Sets a group back to the first record of each partition, as if it had committed nothing else. */
export async function rewind(log: Log, groupId: string, topic: string): Promise<void> {
  const missing = new Set(Array.from({ length: await log.partitionCount(topic) }, (_, index) => index))
  const consumer = log.consumer({ groupId, topic })
  let running = Promise.resolve()
  await new Promise<void>((resolve, reject) => {
    running = consumer.run(async (assignment) => {
      const { partition, watermarks, signal } = assignment
      await assignment.commit({ offset: watermarks.low, metadata: '' })
      missing.delete(partition)
      if (missing.size === 0) resolve()
      await aborted(signal)
    })
    running.catch(reject)
  })
  await consumer.drain()
  await running
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

const appendRecordsMax = 1_000

/** Appends records as they are made. @returns bytes of their values */
export async function appendAll(
  log: Log,
  records: Iterable<{
    readonly topic: string
    readonly partition: number
    readonly key: Buffer | null
    readonly value: Buffer
  }>,
): Promise<number> {
  const appender = await log.appender()
  let bytes = 0
  let chunk = []
  for (const record of records) {
    bytes += record.value.length
    chunk.push(record)
    if (chunk.length === appendRecordsMax) {
      await appender.append(chunk)
      chunk = []
    }
  }
  if (chunk.length > 0) await appender.append(chunk)
  await appender.close()
  return bytes
}
