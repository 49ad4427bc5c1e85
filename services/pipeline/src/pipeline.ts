import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { migrate } from '@millrace/clickhouse'
import { startEmbeddedClickHouse } from '@millrace/embedded-clickhouse'
import { topicSpecs } from '@millrace/events'
import { openLog } from '@millrace/log'
import type { RunningService, ServiceContext } from '@millrace/runtime'
import type { PipelineConfig } from './config.ts'
import { watchForOrphaning } from './orphan-watch.ts'
import { ServiceThread } from './service-thread.ts'
import { welcome } from './welcome.ts'

/** In the order of their start: who takes away is there before who brings. */
const serviceNames = ['sink', 'enricher', 'producer'] as const

/**
 * Room for what consumers have under way, as `--max-semi-space-size=64` gives them in a process of their own: V8 counts three
 * times the semi-space. The producer does without, since emptying so much takes longer than its answers may.
 */
const maxYoungGenerationSizeMb = 192

/** A statement of a migration may take this long. */
const migrationMsMax = 60_000

/**
 * Starts the store, brings schema and topics up to date, then runs the three services as threads of this process.
 * Draining goes the way of the data: producer, enricher, sink, store.
 */
export async function startPipeline(
  config: PipelineConfig,
  context: ServiceContext,
): Promise<RunningService> {
  await mkdir(config.DATA_DIR, { recursive: true })
  const store = await startStore(config, context)
  await migrateStore(config, store.url)
  await createTopics(config)
  const threads = await startServices(config, store.url, context)
  if (context.environment.npm_lifecycle_event !== undefined)
    watchForOrphaning(() => process.kill(process.pid, 'SIGTERM'))
  process.stdout.write(`${welcome(config, store.url)}\n`)
  return {
    drain: async () => {
      for (const thread of threads.toReversed()) await thread.drain()
      await store.close()
    },
  }
}

interface StoreAddress {
  readonly url: string
  close(): Promise<void>
}

async function startStore(config: PipelineConfig, context: ServiceContext): Promise<StoreAddress> {
  if (config.CLICKHOUSE_URL !== undefined)
    return { url: config.CLICKHOUSE_URL, close: () => Promise.resolve() }
  return startEmbeddedClickHouse({
    directory: join(config.DATA_DIR, 'clickhouse'),
    port: config.CLICKHOUSE_PORT,
    users: {
      [config.CLICKHOUSE_USER]: { password: config.CLICKHOUSE_PASSWORD, readonly: false },
      readonly: { password: '', readonly: true },
    },
    logger: context.logger,
  })
}

async function migrateStore(config: PipelineConfig, url: string): Promise<void> {
  await migrate({
    url,
    database: config.CLICKHOUSE_DATABASE,
    user: config.CLICKHOUSE_USER,
    password: config.CLICKHOUSE_PASSWORD,
    requestMsMax: migrationMsMax,
  })
}

async function createTopics(config: PipelineConfig): Promise<void> {
  const log = await openLog(config, { clientId: 'millrace-pipeline' })
  try {
    await log.createTopics(
      topicSpecs({
        partitions: config.LOG_PARTITIONS,
        replicationFactor: config.LOG_REPLICATION_FACTOR,
        rawRetentionH: config.LOG_RAW_RETENTION_H,
        enrichedRetentionH: config.LOG_ENRICHED_RETENTION_H,
      }),
    )
  } finally {
    await log.close()
  }
}

async function startServices(
  config: PipelineConfig,
  url: string,
  context: ServiceContext,
): Promise<ServiceThread[]> {
  const environment = { ...context.environment, CLICKHOUSE_URL: url, DATA_DIR: config.DATA_DIR }
  const threads: ServiceThread[] = []
  for (const name of serviceNames) {
    const thread = new ServiceThread({
      name,
      entry: new URL(`../../${name}/dist/main.js`, import.meta.url),
      environment,
      peers: serviceNames.length - 1,
      ...(name === 'producer' ? {} : { resourceLimits: { maxYoungGenerationSizeMb } }),
      logger: context.logger,
      onGivenUp: context.fail,
    })
    await thread.start()
    threads.push(thread)
  }
  return threads
}
