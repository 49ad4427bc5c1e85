import { QuietLog, type Logger, type Metrics } from '@millrace/runtime'
import type { LookupResult } from './subscriber-lookup.ts'

/** Log lines and metrics of what the Octeth calls ask of ClickHouse. */
export class OctethInternalEvents {
  readonly #logger: Logger
  readonly #lookups
  readonly #quiet = new QuietLog()

  constructor({ logger, metrics }: { readonly logger: Logger; readonly metrics: Metrics }) {
    this.#logger = logger
    this.#lookups = metrics.counter({
      name: 'millrace_subscriber_lookups_total',
      help: 'Emails on lists that this producer did not remember, looked up in ClickHouse, by result; unanswered ones count as new.',
      labels: ['result'],
    })
  }

  lookedUp(result: LookupResult): void {
    this.#lookups.inc({ result })
  }

  lookupFailed(why: string): void {
    this.#quiet.occasionally('lookup', (leftOut) => {
      this.#logger.warn({ leftOut }, `subscribers are not looked up for now: ${why}`)
    })
  }

  propertiesFailed(why: string): void {
    this.#quiet.occasionally('properties', (leftOut) => {
      this.#logger.warn({ leftOut }, `the properties of a list cannot be read: ${why}`)
    })
  }
}
