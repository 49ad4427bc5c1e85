import { logOptions, readOptions, storeOptions, topicOptions, wholeNumber } from '@millrace/runtime'
import * as z from 'zod'

/** Options that the commands share with the services they talk to. */
const cliOptions = z.object({
  PORT: wholeNumber(0, 65_535).default(8_080),
  ...logOptions,
  ...topicOptions,
  ...storeOptions,
  // The door's rules, for imported requests.
  SITES_FILE: z.string().optional(),
  TRUSTED_PROXIES: z.string().optional(),
  REFERRER_SPAM_FILE: z.string().optional(),
  // The enricher's data, for doctor.
  GEO_CITY_DB: z.string().optional(),
  GEO_ASN_DB: z.string().optional(),
  GEO_ANONYMOUS_DB: z.string().optional(),
  IP_CLASS_LISTS: z.string().optional(),
  IAB_BROWSERS_FILE: z.string().optional(),
  IAB_ROBOTS_FILE: z.string().optional(),
  IAB_ADDRESSES_FILE: z.string().optional(),
})

export type CliConfig = z.infer<typeof cliOptions> & { readonly clickHouseUrl: string }

/** @throws OptionsError */
export function readConfig(): CliConfig {
  const config = readOptions(cliOptions)
  return { ...config, clickHouseUrl: config.CLICKHOUSE_URL ?? `http://127.0.0.1:${config.CLICKHOUSE_PORT}` }
}
