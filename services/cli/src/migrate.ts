import { migrate } from '@millrace/clickhouse'
import { topicSpecs } from '@millrace/events'
import { openLog } from '@millrace/log'
import type { Command } from './command.ts'

export const migrateCommand: Command = {
  usage: 'migrate',
  summary:
    'Creates or brings up to date the ClickHouse schema and the log topics; safe to repeat and to run by several.',
  async run(_args, { config, terminal }) {
    const applied = await migrate({
      url: config.clickHouseUrl,
      database: config.CLICKHOUSE_DATABASE,
      user: config.CLICKHOUSE_USER,
      password: config.CLICKHOUSE_PASSWORD,
      requestMsMax: 60_000,
    })
    terminal.print(applied.length === 0 ? 'schema: up to date' : `schema: applied ${applied.join(', ')}`)
    const log = await openLog(config, { clientId: 'millrace-migrate' })
    try {
      const specs = topicSpecs({
        partitions: config.LOG_PARTITIONS,
        replicationFactor: config.LOG_REPLICATION_FACTOR,
        rawRetentionH: config.LOG_RAW_RETENTION_H,
        enrichedRetentionH: config.LOG_ENRICHED_RETENTION_H,
      })
      await log.createTopics(specs)
      terminal.print(`topics: ${specs.map(({ topic, partitions }) => `${topic} (${partitions})`).join(', ')}`)
      return 0
    } finally {
      await log.close()
    }
  },
}
