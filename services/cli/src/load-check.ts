import { createStore } from '@millrace/clickhouse'
import { delay } from '@millrace/runtime'
import type { Terminal } from './command.ts'
import type { CliConfig } from './config.ts'

/** The check gives up when the count has not moved for this long. */
const stallMsMax = 30_000
const pollMs = 500

export interface LoadCheck {
  readonly run: string
  /** Events answered with 202 and not dropped by a rule at the door. */
  readonly expected: number
  readonly config: CliConfig
  readonly terminal: Terminal
}

/**
 * Waits until the run's events are stored, then says whether each is there once.
 * @returns the exit code
 */
export async function checkStored({ run, expected, config, terminal }: LoadCheck): Promise<number> {
  const store = createStore({
    url: config.clickHouseUrl,
    database: config.CLICKHOUSE_DATABASE,
    user: config.CLICKHOUSE_USER,
    password: config.CLICKHOUSE_PASSWORD,
    requestMsMax: 30_000,
  })
  try {
    let movedAt = performance.now()
    let stored = -1
    for (;;) {
      const [counts] = await store.query<{ stored: string; distinct: string }>(
        `SELECT count() AS stored, uniqExact(kafka_partition, raw_offset) AS distinct
         FROM events WHERE props['run'] = {run:String}`,
        { run },
      )
      const now = { stored: Number(counts?.stored), distinct: Number(counts?.distinct) }
      if (now.stored !== stored) movedAt = performance.now()
      stored = now.stored
      if (stored >= expected || performance.now() - movedAt > stallMsMax) {
        const doubled = now.stored - now.distinct
        const lost = Math.max(0, expected - now.distinct)
        terminal.print(`stored ${now.stored} of ${expected}: lost ${lost}, doubled ${doubled}`)
        return lost === 0 && doubled === 0 ? 0 : 1
      }
      await delay(pollMs)
    }
  } finally {
    await store.close()
  }
}
