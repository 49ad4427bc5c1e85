/** Producer instances remembered per partition; a restart makes a new instance, so old ones fall silent. */
const producersMax = 10_000

interface Seen {
  sequence: number
  /** Where the instance last wrote, to tell which one has been silent the longest. */
  offset: number
}

/**
 * The last sequence of each producer instance in one partition. A producer repeats a produce batch whose fate it does
 * not know under the same sequences, so whatever is not above the last one is a repeat.
 */
export class ProducerSequences {
  readonly #seen = new Map<string, Seen>()
  readonly #producersMax: number

  constructor(limit = producersMax) {
    this.#producersMax = limit
  }

  get size(): number {
    return this.#seen.size
  }

  /** Takes note of a record. @returns false when the partition has held it before */
  admit(record: {
    readonly producerId: string
    readonly producerSequence: number
    readonly offset: number
  }): boolean {
    const { producerId, producerSequence, offset } = record
    const seen = this.#seen.get(producerId)
    if (seen === undefined) {
      if (this.#seen.size >= this.#producersMax) this.#forgetMostSilent()
      this.#seen.set(producerId, { sequence: producerSequence, offset })
      return true
    }
    seen.offset = offset
    if (producerSequence <= seen.sequence) return false
    seen.sequence = producerSequence
    return true
  }

  #forgetMostSilent(): void {
    let silent: string | undefined
    let lowest = Infinity
    for (const [producerId, { offset }] of this.#seen) {
      if (offset >= lowest) continue
      lowest = offset
      silent = producerId
    }
    if (silent !== undefined) this.#seen.delete(silent)
  }
}
