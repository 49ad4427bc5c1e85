import { setTimeout as sleep } from 'node:timers/promises'
import type { SentEvent } from './sent-events.ts'
import { readStoredIds } from './stored-rows.ts'

const pollMs = 150

/** Looks at ClickHouse again and again, and tells when events that were accepted are there. */
export class RecoveryWatch {
  readonly #url: string
  readonly #sites: readonly string[]
  #stored: ReadonlySet<string> = new Set()
  #looking: Promise<void> | undefined

  constructor(clickHouseUrl: string, sites: readonly string[]) {
    this.#url = clickHouseUrl
    this.#sites = sites
  }

  /**
   * Resolves with the time (of `performance.now`) at which those of the events that are of its sites were all seen, or
   * undefined when some were not within `msMax`.
   */
  async whenStored(events: readonly SentEvent[], msMax: number): Promise<number | undefined> {
    const deadline = performance.now() + msMax
    let missing = events.filter(({ site }) => this.#sites.includes(site))
    for (;;) {
      await this.#look()
      missing = missing.filter(({ id }) => !this.#stored.has(id))
      if (missing.length === 0) return performance.now()
      if (performance.now() > deadline) return undefined
      await sleep(pollMs)
    }
  }

  /** One look at a time, shared by all who wait. ClickHouse may be gone for now. */
  async #look(): Promise<void> {
    this.#looking ??= readStoredIds(this.#url, this.#sites)
      .then(
        (stored) => {
          this.#stored = stored
        },
        () => undefined,
      )
      .finally(() => {
        this.#looking = undefined
      })
    await this.#looking
  }
}
