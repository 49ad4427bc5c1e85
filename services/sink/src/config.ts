import { insertRowsMax } from '@millrace/clickhouse'
import {
  adminOptions,
  consumerOptions,
  logOptions,
  readOptions,
  storeOptions,
  wholeNumber,
} from '@millrace/runtime'
import * as z from 'zod'

/** Options of the sink: environment variable, bounds, default. */
export const sinkOptions = z
  .object({
    ...logOptions,
    ...consumerOptions,
    ...storeOptions,
    /** An insert or query that takes longer is given up and tried again. */
    CLICKHOUSE_REQUEST_MS_MAX: wholeNumber(1_000, 600_000).default(60_000),
    SESSION_INACTIVITY_GAP_S: wholeNumber(1, 86_400).default(1_800),
    /** How long a session stays in memory after its gap; later events are right too, but cost a query. */
    SESSION_LATENESS_S: wholeNumber(0, 86_400).default(3_600),
    /** Sessions in memory for one partition; beyond, the longest silent ones are looked up when needed. */
    SESSIONS_MAX: wholeNumber(1, 10_000_000).default(250_000),
    /** How far apart in received time two events with one client event id are one event; 0: they never are. */
    REPEAT_WINDOW_S: wholeNumber(0, 86_400).default(3_600),
    /** Client event ids in memory for one partition; events that could repeat older ones are looked up. */
    REPEATS_MAX: wholeNumber(1, 10_000_000).default(1_000_000),
    /** Insert batch: rows, bytes of record values, and age of its first record. */
    INSERT_ROWS_MAX: wholeNumber(1, insertRowsMax).default(50_000),
    INSERT_BYTES_MAX: wholeNumber(1_024, 134_217_728).default(67_108_864),
    INSERT_AGE_MS_MAX: wholeNumber(1, 60_000).default(1_000),
    /** What to do when retention deleted records before they were stored. */
    LOST_RECORDS: z.enum(['stop', 'skip'], 'expected stop or skip').default('stop'),
    ...adminOptions,
  })
  .transform((options) => ({
    ...options,
    clickHouseUrl: options.CLICKHOUSE_URL ?? `http://127.0.0.1:${options.CLICKHOUSE_PORT}`,
  }))

/** How a neighbour that fails is tried again, for as long as the partition is ours. */
export const retryDelays = { delayMsMin: 100, delayMsMax: 5_000 } as const

/** How the books are watched. */
export const booksLimits = {
  /** Before the first look, and before a second one where something seems to be missing. */
  booksSoonMs: 10_000,
  booksEveryMs: 60_000,
  /** Minutes of receipt that a look covers, seconds. */
  booksSpanS: 7_200,
} as const

export type SinkConfig = z.infer<typeof sinkOptions>

/** @throws OptionsError */
export function readConfig(environment: NodeJS.ProcessEnv): SinkConfig {
  return readOptions(sinkOptions, environment)
}
