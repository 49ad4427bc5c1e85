import { readOptions } from '@millrace/runtime'
import * as z from 'zod'

const port = z.coerce.number('not a port').int('not a port').min(0, 'not a port').max(65_535, 'not a port')
const count = (fallback: number, min: number, max: number) =>
  z.coerce
    .number(`expected a whole number from ${min} to ${max}`)
    .int(`expected a whole number from ${min} to ${max}`)
    .min(min, `expected a whole number from ${min} to ${max}`)
    .max(max, `expected a whole number from ${min} to ${max}`)
    .default(fallback)

/** Options of the whole pipeline; each service checks its own beside these. */
export const pipelineOptions = z.object({
  PORT: port.default(8080),
  HOST: z.string().default('0.0.0.0'),
  DATA_DIR: z.string().default('./data'),
  KAFKA_BROKERS: z.string().optional(),
  CLICKHOUSE_URL: z.url({ protocol: /^https?$/, error: 'expected http://host:port' }).optional(),
  CLICKHOUSE_PORT: port.default(8123),
  CLICKHOUSE_DATABASE: z
    .string()
    .regex(/^\w+$/, 'expected letters, digits and underscores')
    .default('millrace'),
  CLICKHOUSE_USER: z.string().default('default'),
  CLICKHOUSE_PASSWORD: z.string().default(''),
  SITES_FILE: z.string().optional(),
  LOG_PARTITIONS: count(4, 1, 1000),
  LOG_REPLICATION_FACTOR: count(1, 1, 15),
  LOG_RAW_RETENTION_H: count(24, 1, 24 * 365),
  LOG_ENRICHED_RETENTION_H: count(72, 1, 24 * 365),
})

export type PipelineConfig = z.infer<typeof pipelineOptions>

/** @throws OptionsError */
export function readConfig(environment: NodeJS.ProcessEnv): PipelineConfig {
  return readOptions(pipelineOptions, environment)
}
