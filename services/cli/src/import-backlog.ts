import { consumerGroups, sinkGroups, topics } from '@millrace/events'
import type { Log } from '@millrace/log'

/** Records that wait for the enricher, and records that wait for the sink. */
export interface Backlog {
  readonly raw: number
  readonly enriched: number
}

/** Next free offset by partition. */
type Ends = readonly number[]

/** How far the services are behind, as the log knows it. */
export class BacklogWatch {
  readonly #log: Pick<Log, 'watermarks' | 'committed'>
  readonly #groups: ReturnType<typeof sinkGroups>

  constructor(log: Pick<Log, 'watermarks' | 'committed'>, database: string) {
    this.#log = log
    this.#groups = sinkGroups(database)
  }

  /** What waits now. */
  async all(): Promise<Backlog> {
    const raw = await this.#behind(topics.raw, consumerGroups.enricher)
    return { raw, enriched: await this.#unstored() }
  }

  /** Fixes what is in the raw topic now, and tells at each call how much of it is not stored yet. */
  async untilNow(): Promise<() => Promise<Backlog>> {
    const rawEnds = await this.#ends(topics.raw)
    let enrichedEnds: Ends | undefined
    let letterEnds: Ends | undefined
    return async () => {
      const raw = await this.#behind(topics.raw, consumerGroups.enricher, rawEnds)
      // What was made of the raw records lies before the ends at the moment when the last of them is settled.
      if (raw > 0) return { raw, enriched: await this.#unstored() }
      enrichedEnds ??= await this.#ends(topics.enriched)
      letterEnds ??= await this.#ends(topics.deadLetter)
      return { raw, enriched: await this.#unstored(enrichedEnds, letterEnds) }
    }
  }

  async #unstored(enrichedEnds?: Ends, letterEnds?: Ends): Promise<number> {
    const events = await this.#behind(topics.enriched, this.#groups.events, enrichedEnds)
    return events + (await this.#behind(topics.deadLetter, this.#groups.deadLetters, letterEnds))
  }

  async #ends(topic: string): Promise<Ends> {
    return (await this.#log.watermarks(topic)).map(({ high }) => high)
  }

  async #behind(topic: string, groupId: string, ends?: Ends): Promise<number> {
    const watermarks = await this.#log.watermarks(topic)
    const committed = await this.#log.committed(groupId, topic)
    return watermarks
      .map(({ partition, low, high }) => {
        return Math.max(0, (ends?.[partition] ?? high) - (committed.get(partition)?.offset ?? low))
      })
      .reduce((sum, records) => sum + records, 0)
  }
}
