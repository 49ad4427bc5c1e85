/** Producer instances remembered per partition; a restart makes a new instance, so old ones fall silent. */
const producersMax = 10_000

/**
 * The last sequence of each producer instance in one partition. A producer repeats a produce batch whose fate it does
 * not know under the same sequences, so whatever is not above the last one is a repeat.
 */
export class ProducerSequences {
  /** In the order of their last writing, the most silent instance first. */
  readonly #last = new Map<string, number>()
  readonly #producersMax: number
  #newest: string | undefined

  constructor(limit = producersMax) {
    this.#producersMax = limit
  }

  get size(): number {
    return this.#last.size
  }

  /** Takes note of a record, in the order of the partition. @returns false when the partition has held it before */
  admit({ producerId, producerSequence }: ProducerPlace): boolean {
    const last = this.#last.get(producerId)
    const isNew = last === undefined || producerSequence > last
    if (this.#newest !== producerId) {
      if (last !== undefined) this.#last.delete(producerId)
      else if (this.#last.size >= this.#producersMax) this.#forgetMostSilent()
      this.#newest = producerId
    }
    this.#last.set(producerId, isNew ? producerSequence : last)
    return isNew
  }

  /** Producer instances and their last sequences, the one that wrote last first. */
  *newestFirst(): Generator<ProducerPlace> {
    for (const producerId of [...this.#last.keys()].reverse()) {
      yield { producerId, producerSequence: this.#last.get(producerId) ?? 0 }
    }
  }

  #forgetMostSilent(): void {
    for (const producerId of this.#last.keys()) {
      this.#last.delete(producerId)
      return
    }
  }
}

/** What a raw record says of its writer. */
export interface ProducerPlace {
  readonly producerId: string
  readonly producerSequence: number
}
