import { adminOptions, consumerOptions, logOptions, readOptions, wholeNumber } from '@millrace/runtime'
import * as z from 'zod'

/** Options of the enricher: environment variable, bounds, default. */
export const enricherOptions = z.object({
  ...logOptions,
  ...consumerOptions,
  SITES_FILE: z.string().optional(),
  GEO_CITY_DB: z.string().optional(),
  GEO_ASN_DB: z.string().optional(),
  GEO_ANONYMOUS_DB: z.string().optional(),
  /** `class=path,class=path`: lists of addresses and AS numbers. */
  IP_CLASS_LISTS: z.string().optional(),
  /** `kind=file,kind=file`: sources by referrer, in Matomo's form. */
  REFERRER_LISTS: z.string().optional(),
  ...adminOptions,
  /** Raw records that one partition's loop takes at a time. */
  ENRICHER_FETCH_RECORDS_MAX: wholeNumber(1, 100_000).default(1_000),
  ENRICHER_FETCH_WAIT_MS_MAX: wholeNumber(1, 10_000).default(500),
  /** Raw records read back before the position on assignment, where not every producer's last sequence was committed. */
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
  /** Events after which the shares of client addresses are looked at. */
  addressWindowEvents: 2_000,
  /** One address, or private ones, with a larger share of the events: a proxy probably hides its visitors. */
  busiestAddressShareMax: 0.3,
  privateAddressShareMax: 0.1,
} as const

export type EnricherLimits = Readonly<Record<keyof typeof limits, number>>
export type EnricherConfig = z.infer<typeof enricherOptions>

/** @throws OptionsError */
export function readConfig(environment: NodeJS.ProcessEnv): EnricherConfig {
  return readOptions(enricherOptions, environment)
}
