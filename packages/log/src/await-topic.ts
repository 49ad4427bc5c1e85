import { NeighbourError, retry, type RetryOptions } from '@millrace/runtime'
import { LogError } from './log-error.ts'
import type { Log } from './log.ts'

/**
 * Waits until a topic is there; creating it is for `migrate` or the pipeline.
 * @returns its number of partitions
 * @throws LogError that no wait mends, or the last error when the signal aborts
 */
export function awaitTopic(log: Log, topic: string, options: RetryOptions): Promise<number> {
  return retry(() => partitionCount(log, topic), options)
}

async function partitionCount(log: Log, topic: string): Promise<number> {
  try {
    return await log.partitionCount(topic)
  } catch (cause) {
    if (!(cause instanceof LogError) || cause.code !== 'UNKNOWN_TOPIC') throw cause
    throw new NeighbourError(`the topic ${topic} does not exist yet; "npx millrace migrate" creates it`, {
      code: 'UNKNOWN_TOPIC',
      retriable: true,
    })
  }
}
