export interface FreshItems<Item> {
  /** Their raw offset is above all before them, or they do not tell. */
  readonly fresh: Item[]
  /** Their raw records came before. */
  readonly passedOver: Item[]
}

/** The order of a partition's raw offsets: they only grow, but for ranges that the enricher repeats after a crash. */
export class RawOrder {
  #raw: number

  /** @param raw the greatest raw offset so far */
  constructor(raw: number) {
    this.#raw = raw
  }

  /** The greatest raw offset so far. */
  get raw(): number {
    return this.#raw
  }

  /** Takes the next items, in the order of the log. */
  split<Item extends { readonly rawOffset: number | undefined }>(items: readonly Item[]): FreshItems<Item> {
    const passedOver: Item[] = []
    const fresh = items.filter((item) => {
      const { rawOffset } = item
      if (rawOffset === undefined) return true
      const isFresh = rawOffset > this.#raw
      if (isFresh) this.#raw = rawOffset
      else passedOver.push(item)
      return isFresh
    })
    return { fresh, passedOver }
  }
}
