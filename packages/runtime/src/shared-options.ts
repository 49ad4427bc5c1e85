import * as z from 'zod'

/** A whole number within bounds, from an environment variable's text. */
export function wholeNumber(min: number, max: number): z.ZodCoercedNumber {
  const expected = `expected a whole number from ${String(min)} to ${String(max)}`
  return z.coerce.number(expected).int(expected).min(min, expected).max(max, expected)
}

/** Where the log is: Kafka, or the embedded log under the data directory. */
export const logOptions = {
  DATA_DIR: z.string().default('./data'),
  /** `host:port`, comma separated. Unset: the embedded log. */
  KAFKA_BROKERS: z
    .string()
    .regex(/^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$/, 'expected host:port, comma separated')
    .optional(),
  /** The most bytes the embedded log's records may take; then 503 until retention has made room. */
  EMBEDDED_LOG_BYTES_MAX: wholeNumber(16_777_216, 274_877_906_944).default(8_589_934_592),
} as const

/** What `migrate` makes of topics that are missing. */
export const topicOptions = {
  /** Of raw, enriched and dead letters: the most enrichers, or sinks, that can share the work. Fixed at creation. */
  LOG_PARTITIONS: wholeNumber(1, 1_000).default(4),
  /** Kafka only. */
  LOG_REPLICATION_FACTOR: wholeNumber(1, 15).default(1),
  /** Raw records hold addresses: the shorter the better, but longer than an enricher may be down. */
  LOG_RAW_RETENTION_H: wholeNumber(1, 8_760).default(24),
  LOG_ENRICHED_RETENTION_H: wholeNumber(1, 8_760).default(72),
} as const

/** Where ClickHouse is. */
export const storeOptions = {
  /** `http://host:port`. Unset: the embedded engine on `CLICKHOUSE_PORT` of this machine. */
  CLICKHOUSE_URL: z.url({ protocol: /^https?$/, error: 'expected http://host:port' }).optional(),
  CLICKHOUSE_PORT: wholeNumber(0, 65_535).default(8_123),
  CLICKHOUSE_DATABASE: z
    .string()
    .regex(/^[A-Za-z_]\w*$/, 'expected a letter, then letters, digits and underscores')
    .default('millrace'),
  CLICKHOUSE_USER: z.string().default('default'),
  CLICKHOUSE_PASSWORD: z.string().default(''),
} as const

/** How a service shares the partitions with others of its kind. */
export const consumerOptions = {
  /** A member that is silent for longer loses its partitions. Kafka's brokers allow 6 s at least by default. */
  CONSUMER_SESSION_TIMEOUT_MS: wholeNumber(6_000, 1_800_000).default(30_000),
} as const

/** The port that says how a service without an HTTP side of its own is doing; none without it. */
export const adminOptions = {
  ADMIN_PORT: wholeNumber(0, 65_535).optional(),
  ADMIN_HOST: z.string().default('127.0.0.1'),
} as const
