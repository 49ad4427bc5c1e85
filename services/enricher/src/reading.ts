import { consumerGroups, topics } from '@millrace/events'
import { Batcher, HeadWatch, type Log, type LogAppender } from '@millrace/log'
import type { EnricherConfig, EnricherLimits } from './config.ts'
import { connectLog } from './connect-log.ts'
import { Enricher } from './enricher.ts'
import type { InternalEvents } from './internal-events.ts'
import type { OutcomeRules } from './outcome.ts'
import { SaltKeeper } from './salt-keeper.ts'
import { Salts } from './salts.ts'

export interface Reading {
  readonly enricher: Enricher
  /** Settles what is in hand, leaves the group, lets go of the log. */
  close(): Promise<void>
}

/** Connects to the log, agrees on salts, joins the group and reads until closed. */
export async function startReading(options: {
  readonly config: EnricherConfig
  readonly limits: EnricherLimits
  readonly openLog: () => Promise<Log>
  /** What salts are made of. */
  readonly randomBytes: (size: number) => Buffer
  readonly fail: (error: unknown) => void
  readonly internalEvents: InternalEvents
  readonly rules: OutcomeRules
  readonly signal: AbortSignal
}): Promise<Reading> {
  const { config, limits, openLog, randomBytes, fail, internalEvents, rules, signal } = options
  const { log, deadLetterPartitions, partitions } = await connectLog({
    openLog,
    signal,
    onWait: (error) => internalEvents.waitsFor(error),
    delayMsMin: limits.connectDelayMsMin,
    delayMsMax: limits.connectDelayMsMax,
  })
  const appender = await log.appender()
  const batcher = createBatcher(appender, { limits, internalEvents })
  const salts = new SaltKeeper({
    salts: await openSalts(log, { batcher, randomBytes, fail, internalEvents }),
    everyMs: limits.maintainSaltsMs,
    onError: (error) => internalEvents.saltsNotMaintained(error),
  })
  const heads = new HeadWatch({ log, topics: [topics.raw] })
  const enricher = new Enricher({
    head: (partition) => heads.head(topics.raw, partition),
    append: (records) => batcher.append(records),
    saltsFor: (receivedAt) => salts.saltsFor(receivedAt),
    rules,
    rawWatermarks: () => log.watermarks(topics.raw),
    deadLetterPartitions,
    internalEvents,
    now: Date.now,
    limits: {
      ...limits,
      fetchRecordsMax: config.ENRICHER_FETCH_RECORDS_MAX,
      fetchWaitMsMax: config.ENRICHER_FETCH_WAIT_MS_MAX,
      rebuildRecordsMax: config.ENRICHER_REBUILD_RECORDS_MAX,
    },
  })
  const consumer = log.consumer({
    groupId: consumerGroups.enricher,
    topic: topics.raw,
    sessionTimeoutMs: config.CONSUMER_SESSION_TIMEOUT_MS,
  })
  const consuming = consumer.run(async (assignment) => {
    await salts.catchUp()
    await enricher.run(assignment)
  })
  consuming.catch(fail)
  internalEvents.started({ partitions, sites: config.SITES_FILE ?? 'no country rules' })
  return {
    enricher,
    close: async () => {
      await consumer.drain()
      await consuming
      await heads.close()
      await salts.close()
      await batcher.drain()
      await appender.close()
      await log.close()
    },
  }
}

function createBatcher(
  appender: LogAppender,
  { limits, internalEvents }: { readonly limits: EnricherLimits; readonly internalEvents: InternalEvents },
): Batcher {
  return new Batcher({
    appender,
    batchRecordsMax: limits.appendRecordsMax,
    batchBytesMax: limits.appendBytesMax,
    backlogRecordsMax: limits.backlogRecordsMax,
    backlogBytesMax: limits.backlogBytesMax,
    deadlineMs: limits.appendDeadlineMs,
    onBatch: (batch) => internalEvents.appended(batch),
    onRetry: (error) => internalEvents.appendRetried(error),
  })
}

function openSalts(
  log: Log,
  options: {
    readonly batcher: Batcher
    readonly randomBytes: (size: number) => Buffer
    readonly fail: (error: unknown) => void
    readonly internalEvents: InternalEvents
  },
): Promise<Salts> {
  const { batcher, randomBytes, fail, internalEvents } = options
  return Salts.open({
    log,
    append: async (value) => {
      await batcher.append([{ topic: topics.salts, partition: 0, key: null, value }])
    },
    now: Date.now,
    randomBytes,
    onError: fail,
    onIgnored: (error) => internalEvents.saltRecordIgnored(error),
  })
}
