import { readOptions } from '@millrace/runtime'
import * as z from 'zod'

const options = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  DATA_DIR: z.string().default('./data'),
  KAFKA_BROKERS: z.string().optional(),
  CLICKHOUSE_URL: z.url({ protocol: /^https?$/, error: 'expected http://host:port' }).optional(),
  CLICKHOUSE_PORT: z.coerce.number().int().min(0).max(65_535).default(8123),
  CLICKHOUSE_DATABASE: z.string().regex(/^\w+$/).default('millrace'),
  CLICKHOUSE_USER: z.string().default('default'),
  CLICKHOUSE_PASSWORD: z.string().default(''),
  LOG_PARTITIONS: z.coerce.number().int().min(1).max(1000).default(4),
  LOG_REPLICATION_FACTOR: z.coerce.number().int().min(1).max(15).default(1),
  LOG_RAW_RETENTION_H: z.coerce.number().int().min(1).max(8760).default(24),
  LOG_ENRICHED_RETENTION_H: z.coerce.number().int().min(1).max(8760).default(72),
})

export type CliConfig = z.infer<typeof options> & { readonly clickHouseUrl: string }

/** @throws OptionsError */
export function readConfig(): CliConfig {
  const config = readOptions(options)
  return { ...config, clickHouseUrl: config.CLICKHOUSE_URL ?? `http://127.0.0.1:${config.CLICKHOUSE_PORT}` }
}
