import { startKafka } from '@millrace/log/testing'
import type { Cleanup } from './cleanup.ts'

/** A Kafka of one node for the suite. @returns its `host:port` */
export async function startOneNode(cleanup: Cleanup): Promise<string> {
  const kafka = await startKafka({ brokers: 1 })
  cleanup.defer(() => kafka.close())
  return kafka.brokers
}
