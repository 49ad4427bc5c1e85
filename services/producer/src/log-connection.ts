import { topics } from '@millrace/events'
import { awaitTopic, type Log, type LogAppender } from '@millrace/log'
import { retry } from '@millrace/runtime'

export interface ConnectedLog {
  readonly log: Log
  readonly appender: LogAppender
  /** Of the raw topic. */
  readonly partitionCount: number
}

export interface ConnectOptions {
  readonly openLog: () => Promise<Log>
  readonly signal: AbortSignal
  readonly onWait: (error: unknown) => void
  readonly delayMsMin: number
  readonly delayMsMax: number
}

/** Opens the log and waits until the raw topic is there; creating it is for `migrate` or the pipeline. */
export async function connectLog(options: ConnectOptions): Promise<ConnectedLog> {
  const { openLog, onWait, ...delays } = options
  const again = { ...delays, onRetry: onWait }
  const log = await retry(openLog, again)
  try {
    const partitionCount = await awaitTopic(log, topics.raw, again)
    const appender = await retry(() => log.appender(), again)
    return { log, appender, partitionCount }
  } catch (error) {
    await log.close()
    throw error
  }
}
