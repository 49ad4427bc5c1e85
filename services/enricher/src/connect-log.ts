import { topics } from '@millrace/events'
import { awaitTopic, LogError, type Log } from '@millrace/log'
import { retry } from '@millrace/runtime'

export interface ConnectedLog {
  readonly log: Log
  /** Of the raw topic, and of the enriched one. */
  readonly partitions: number
  readonly deadLetterPartitions: number
}

export interface ConnectOptions {
  readonly openLog: () => Promise<Log>
  readonly signal: AbortSignal
  readonly onWait: (error: unknown) => void
  readonly delayMsMin: number
  readonly delayMsMax: number
}

/**
 * Opens the log and waits until every topic is there; creating them is for `migrate` or the pipeline.
 * @throws LogError `PARTITION_COUNT_DIFFERS` when raw and enriched topic do not have the same number of partitions
 */
export async function connectLog(options: ConnectOptions): Promise<ConnectedLog> {
  const { openLog, onWait, ...delays } = options
  const again = { ...delays, onRetry: onWait }
  const log = await retry(openLog, again)
  try {
    const count = (topic: string) => awaitTopic(log, topic, again)
    const raw = await count(topics.raw)
    const enriched = await count(topics.enriched)
    const deadLetterPartitions = await count(topics.deadLetter)
    await count(topics.salts)
    if (raw !== enriched) {
      const message = `${topics.raw} has ${String(raw)} partitions and ${topics.enriched} ${String(enriched)}; they must be equal`
      throw new LogError(message, { code: 'PARTITION_COUNT_DIFFERS', retriable: false })
    }
    return { log, partitions: raw, deadLetterPartitions }
  } catch (error) {
    await log.close()
    throw error
  }
}
