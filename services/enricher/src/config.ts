import { readOptions } from '@millrace/runtime'
import * as z from 'zod'

const wholeNumber = (min: number, max: number) => {
  const expected = `expected a whole number from ${String(min)} to ${String(max)}`
  return z.coerce.number(expected).int(expected).min(min, expected).max(max, expected)
}

/** Options of the enricher: environment variable, bounds, default. */
export const enricherOptions = z.object({
  DATA_DIR: z.string().default('./data'),
  KAFKA_BROKERS: z.string().optional(),
  SITES_FILE: z.string().optional(),
  GEO_CITY_DB: z.string().optional(),
  GEO_ASN_DB: z.string().optional(),
  GEO_ANONYMOUS_DB: z.string().optional(),
  /** Port of /healthz, /readyz and /metrics; none without it. */
  ADMIN_PORT: wholeNumber(0, 65_535).optional(),
  ADMIN_HOST: z.string().default('127.0.0.1'),
  /** Raw records that one partition's loop takes at a time. */
  ENRICHER_FETCH_RECORDS_MAX: wholeNumber(1, 100_000).default(1_000),
  ENRICHER_FETCH_WAIT_MS_MAX: wholeNumber(1, 10_000).default(500),
  /** Raw records read back before the position on assignment, to know the producers' last sequences. */
  ENRICHER_REBUILD_RECORDS_MAX: wholeNumber(0, 1_000_000).default(20_000),
})

/** What an operator has no reason to change. */
export const limits = {
  /** Produce batch: records and value bytes of one append (Kafka takes 1 MiB a partition). */
  appendRecordsMax: 1_000,
  appendBytesMax: 900_000,
  /** Waiting records of all partitions together; each partition has one chunk under way. */
  backlogRecordsMax: 1_000_000,
  backlogBytesMax: 1_000_000_000,
  appendDeadlineMs: 5_000,
  rebuildWaitMsMax: 60_000,
  /** How long a start waits for a prompt log before it goes on waiting in the background, not ready. */
  promptStartMsMax: 5_000,
  connectDelayMsMin: 250,
  connectDelayMsMax: 2_000,
  maintainSaltsMs: 60_000,
} as const

export type EnricherConfig = z.infer<typeof enricherOptions>

/** @throws OptionsError */
export function readConfig(environment: NodeJS.ProcessEnv): EnricherConfig {
  return readOptions(enricherOptions, environment)
}
