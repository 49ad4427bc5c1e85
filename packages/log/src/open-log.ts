import { join } from 'node:path'
import { openEmbeddedLog } from './embedded/embedded-log.ts'
import type { Log } from './log.ts'

/** The options by their names in the environment. */
export interface OpenLogOptions {
  /** `host:port`, comma separated; undefined: the embedded log. */
  readonly KAFKA_BROKERS?: string | undefined
  readonly DATA_DIR: string
  /** The most that the embedded log's records may take. */
  readonly EMBEDDED_LOG_BYTES_MAX: number
}

/**
 * The log that the options name: Kafka, or the embedded log under the data directory. kafkajs is loaded for Kafka only.
 * @throws LogError `LOG_UNAVAILABLE`
 */
export async function openLog(
  options: OpenLogOptions,
  { clientId }: { readonly clientId: string },
): Promise<Log> {
  const { KAFKA_BROKERS, DATA_DIR, EMBEDDED_LOG_BYTES_MAX } = options
  if (KAFKA_BROKERS === undefined) {
    return openEmbeddedLog({ directory: join(DATA_DIR, 'log'), bytesMax: EMBEDDED_LOG_BYTES_MAX })
  }
  const { openKafkaLog } = await import('./kafka/kafka-log.ts')
  return openKafkaLog({ brokers: KAFKA_BROKERS.split(','), clientId })
}
