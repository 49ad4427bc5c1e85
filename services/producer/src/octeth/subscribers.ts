import type { Subscriber } from '@millrace/protocols'
import { subscriberKey } from './subscriber-key.ts'
import type { SubscriberLookup } from './subscriber-lookup.ts'

/** Subscribers in memory, each of some 200 bytes. Beyond, the longest unseen are looked up again. */
const rememberedMax = 100_000

/**
 * Who was seen on a list before: by this producer, as it remembers a bounded number, or by any, as ClickHouse has them. Two
 * producers that take the first events of an email within the same seconds may both call it new.
 */
export class Subscribers {
  readonly #lookup: Pick<SubscriberLookup, 'find'>
  readonly #rememberedMax: number
  /** In the order of their last use. */
  readonly #remembered = new Set<string>()

  constructor(options: { readonly lookup: Pick<SubscriberLookup, 'find'>; readonly rememberedMax?: number }) {
    this.#lookup = options.lookup
    this.#rememberedMax = options.rememberedMax ?? rememberedMax
  }

  /** To be asked before the event is appended. Where ClickHouse does not answer in time, from memory alone. */
  async isKnown(subscriber: Subscriber): Promise<boolean> {
    const key = subscriberKey(subscriber)
    if (this.#remembered.has(key)) {
      this.#remember(key)
      return true
    }
    const isStored = await this.#lookup.find(subscriber)
    if (isStored === true) this.#remember(key)
    return isStored === true || this.#remembered.has(key)
  }

  /** To be called once the log has the event: of several at once the first is new. @returns whether it was not seen before */
  see(subscriber: Subscriber): boolean {
    const key = subscriberKey(subscriber)
    const isNew = !this.#remembered.has(key)
    this.#remember(key)
    return isNew
  }

  #remember(key: string): void {
    this.#remembered.delete(key)
    this.#remembered.add(key)
    if (this.#remembered.size <= this.#rememberedMax) return
    const [oldest] = this.#remembered
    if (oldest !== undefined) this.#remembered.delete(oldest)
  }
}
