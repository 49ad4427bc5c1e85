import { logOptions, readOptions, storeOptions, wholeNumber } from '@millrace/runtime'
import * as z from 'zod'

/** Options of the producer: environment variable, bounds, default. */
export const producerOptions = z
  .object({
    /** 0 takes a free port. */
    PORT: wholeNumber(0, 65_535).default(8080),
    HOST: z.string().default('0.0.0.0'),
    ...logOptions,
    /** Asked by the calls of the Octeth protocol only; events are taken without it. */
    ...storeOptions,
    SITES_FILE: z.string().optional(),
    TRUSTED_PROXIES: z.string().optional(),
    REFERRER_SPAM_FILE: z.string().optional(),
    /** For the place that the self-test shows. */
    GEO_CITY_DB: z.string().optional(),
    /** Opens GET /api/self-test to who sends it as `Authorization: Bearer`; unset: there is no such path. */
    SELF_TEST_TOKEN: z
      .string()
      .regex(/^[\x21-\x7e]{16,200}$/, 'expected 16 to 200 characters without blanks')
      .optional(),
    IAB_BROWSERS_FILE: z.string().optional(),
    IAB_ROBOTS_FILE: z.string().optional(),
    IAB_ADDRESSES_FILE: z.string().optional(),
    /** Events that wait for the log or are under way to it; more are answered with 503. */
    BACKLOG_EVENTS_MAX: wholeNumber(1, 10_000_000).default(100_000),
    BACKLOG_BYTES_MAX: wholeNumber(1_000_000, 8_000_000_000).default(128_000_000),
    /** An event that the log does not have within this time is answered with 503. */
    APPEND_DEADLINE_MS: wholeNumber(10, 60_000).default(5_000),
    /** Bytes that events may take on this machine's disk while Kafka does not take them; 0: they are answered with 503. */
    SPILL_BYTES_MAX: wholeNumber(0, 274_877_906_944).default(1_073_741_824),
    /** How long events wait for a Kafka that fails, hangs or is slow before they go to the disk. */
    SPILL_AFTER_MS: wholeNumber(10, 60_000).default(1_000),
    /** A larger request body is answered with 413. */
    BODY_BYTES_MAX: wholeNumber(1_000, 50_000_000).default(3_145_728),
    /** Bytes of bodies that are being read at the same time; more are answered with 503. */
    BODY_BYTES_IN_FLIGHT_MAX: wholeNumber(1_000, 8_000_000_000).default(256_000_000),
    /** From the first byte of a request to the end of its headers, and of its body; then 408. */
    HEADERS_TIMEOUT_MS: wholeNumber(10, 120_000).default(10_000),
    REQUEST_TIMEOUT_MS: wholeNumber(10, 300_000).default(30_000),
    /** An idle connection is kept this long; longer than the 60 s that load balancers usually keep theirs. */
    KEEP_ALIVE_TIMEOUT_MS: wholeNumber(0, 600_000).default(65_000),
    CONNECTIONS_MAX: wholeNumber(1, 1_000_000).default(20_000),
  })
  .refine((options) => options.HEADERS_TIMEOUT_MS <= options.REQUEST_TIMEOUT_MS, {
    path: ['HEADERS_TIMEOUT_MS'],
    message: 'expected at most REQUEST_TIMEOUT_MS',
  })
  .refine((options) => options.BODY_BYTES_MAX <= options.BODY_BYTES_IN_FLIGHT_MAX, {
    path: ['BODY_BYTES_MAX'],
    message: 'expected at most BODY_BYTES_IN_FLIGHT_MAX',
  })
  .refine((options) => !spills(options) || options.SPILL_AFTER_MS < options.APPEND_DEADLINE_MS, {
    path: ['SPILL_AFTER_MS'],
    message: 'expected less than APPEND_DEADLINE_MS',
  })
  .transform((options) => ({
    ...options,
    clickHouseUrl: options.CLICKHOUSE_URL ?? `http://127.0.0.1:${String(options.CLICKHOUSE_PORT)}`,
  }))

/** The embedded log lies on the same disk: when it is full, there is nowhere to spill to. */
export function spills(options: {
  readonly KAFKA_BROKERS?: string | undefined
  readonly SPILL_BYTES_MAX: number
}): boolean {
  return options.KAFKA_BROKERS !== undefined && options.SPILL_BYTES_MAX > 0
}

/** What an operator has no reason to change. */
export const limits = {
  /** Produce batch: records and value bytes of one append (Kafka takes 1 MiB a partition). */
  batchRecordsMax: 1_000,
  batchBytesMax: 900_000,
  /** From the start of one append to the next: of each the log's disk is synced. */
  batchIntervalMs: 5,
  /** One event as a raw record; a dead letter of it must still fit into the log. */
  recordBytesMax: 500_000,
  headerBytesMax: 32_768,
  /** What a 503 asks the client to wait, seconds. */
  retryAfterS: 2,
  /** A backlog fuller than this share makes the producer not ready, so that a load balancer looks elsewhere. */
  readyBacklogShareMax: 0.8,
  readySpillShareMax: 0.8,
  readyProbeMsMax: 2_000,
  readyProbeAgeMsMax: 1_000,
  metricsWaitMsMax: 1_000,
  /** How long a start waits for a port that an old instance still holds. */
  portWaitMsMax: 10_000,
  portPollMs: 200,
  /** How long a drain lets requests in hand finish; with the append deadline it stays below the service's 30 s. */
  closeMsMax: 10_000,
  /** How long a start waits for a prompt log before it serves, not ready, and goes on waiting. */
  promptStartMsMax: 5_000,
  connectDelayMsMin: 250,
  connectDelayMsMax: 2_000,
  /** How long a drain waits for a start that is still looking for the log. */
  connectCloseMsMax: 2_000,
  /** One append of what was spilled, and the time between two that fail. */
  drainRecordsMax: 2_000,
  drainBytesMax: 2_000_000,
  drainDelayMs: 250,
  /** Between two tries of an append, before it is spilled. */
  spillRetryDelayMs: 100,
  spillWriteMsMax: 10_000,
  /** How long the end of the service goes on bringing what was spilled to the log. */
  spillCloseMsMax: 5_000,
  /** How often a producer looks for what others of its data directory left behind when they ended. */
  leftBehindLookMs: 10_000,
  /** Longer than a restart takes: a producer that comes back has its own events, and so its visitors' order. */
  leftBehindAfterMs: 60_000,
  /** How often the counts of accepted events are handed over to the books: a killed producer loses as much of them. */
  booksEveryMs: 2_000,
  /** Counts in memory: sites times minutes times partitions. Events beyond are stored, but not counted. */
  bookTotalsMax: 100_000,
  booksCloseMsMax: 3_000,
} as const

export type ProducerConfig = z.infer<typeof producerOptions>

/** @throws OptionsError */
export function readConfig(environment: NodeJS.ProcessEnv): ProducerConfig {
  return readOptions(producerOptions, environment)
}
