/** Places of one word: bit b stands for offset `word * 32 + b`. */
export const wordBits = 32

/** What the tables have in one word, each mask an unsigned 32-bit number. */
export interface StoredWord {
  readonly partition: number
  readonly word: number
  readonly events: number
  readonly dropped: number
  readonly deadLetters: number
  /** Of the events, those that carry the run's name. */
  readonly marked: number
  /** Of all tables. */
  readonly rows: number
}

export interface PlacesFound {
  readonly events: number
  readonly dropped: number
  readonly deadLetters: number
  /** Rows too many. */
  readonly doubled: number
  /** Events with the run's name at a place that no receipt named. */
  readonly unnamed: number
}

/** Places in the raw log that receipts named: a bit each, as they lie close together. */
export class Places {
  readonly #partitions = new Map<number, Map<number, number>>()
  #size = 0
  #repeated = 0

  get size(): number {
    return this.#size
  }

  /** Places that were named more than once, which must not be. */
  get repeated(): number {
    return this.#repeated
  }

  /** @param receipt `3-1200456,3-1200457`: partition and offset of each event */
  add(receipt: string): void {
    for (const place of receipt.split(',')) {
      const dash = place.indexOf('-')
      this.#addPlace(Number(place.slice(0, dash)), Number(place.slice(dash + 1)))
    }
  }

  /** The first and last place of each partition, widened to whole words. */
  spans(): { readonly partition: number; readonly first: number; readonly last: number }[] {
    return [...this.#partitions].map(([partition, words]) => {
      let [low, high] = [Infinity, 0]
      for (const word of words.keys()) {
        low = Math.min(low, word)
        high = Math.max(high, word)
      }
      return { partition, first: low * wordBits, last: high * wordBits + wordBits - 1 }
    })
  }

  /** What of these places is stored, each place counted in the first of its tables. Rows of other senders do not count. */
  findIn(stored: Iterable<StoredWord>): PlacesFound {
    const found = { events: 0, dropped: 0, deadLetters: 0, doubled: 0, unnamed: 0 }
    for (const { partition, word, events, dropped, deadLetters, marked, rows } of stored) {
      const own = this.#partitions.get(partition)?.get(word) ?? 0
      found.unnamed += bitsIn(marked & ~own)
      if ((own | marked) >>> 0 === 0) continue
      found.events += bitsIn(events & own)
      found.dropped += bitsIn(dropped & own & ~events)
      found.deadLetters += bitsIn(deadLetters & own & ~events & ~dropped)
      // A place that has more rows than one is wrong, whoever sent it.
      found.doubled += rows - bitsIn(events | dropped | deadLetters)
    }
    return found
  }

  #addPlace(partition: number, offset: number): void {
    let words = this.#partitions.get(partition)
    if (words === undefined) this.#partitions.set(partition, (words = new Map<number, number>()))
    const word = Math.floor(offset / wordBits)
    const before = words.get(word) ?? 0
    const after = before | (1 << (offset % wordBits))
    if (after === before) this.#repeated++
    else {
      this.#size++
      words.set(word, after)
    }
  }
}

function bitsIn(mask: number): number {
  let count = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++
  return count
}
