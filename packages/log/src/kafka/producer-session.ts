/** One producer id with its sequence per partition: what lets a broker tell a repeat from a new batch. */
export class ProducerSession {
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly #next = new Map<string, number>()

  constructor({ producerId, producerEpoch }: { producerId: string; producerEpoch: number }) {
    this.producerId = BigInt(producerId)
    this.producerEpoch = producerEpoch
  }

  /** The base sequence of the next batch; the one after it counts on. */
  take(topic: string, partition: number, count: number): number {
    const place = `${partition}:${topic}`
    const sequence = this.#next.get(place) ?? 0
    this.#next.set(place, advance(sequence, count))
    return sequence
  }
}

const sequenceCount = 2 ** 31

/** Sequences go round from the largest 32 bit integer to 0 (DefaultRecordBatch.incrementSequence). */
function advance(sequence: number, count: number): number {
  return (sequence + count) % sequenceCount
}
