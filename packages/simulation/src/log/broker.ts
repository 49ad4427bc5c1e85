import { LogError, type AppendRecord, type LogRecord, type TopicSpec, type Watermarks } from '@millrace/log'

/** One partition at the server. What retention takes stays in `records`, for the promises; readers get from `low` on. */
export class BrokerPartition {
  readonly records: LogRecord[] = []
  low = 0
  /** Called once, when records come. */
  readonly waiting = new Set<() => void>()

  get high(): number {
    return this.records.length
  }

  append(records: readonly AppendRecord[], appendedAt: number): number {
    const base = this.records.length
    records.forEach(({ key, value }, index) => {
      this.records.push({ offset: base + index, key, value: Buffer.from(value), appendedAt })
    })
    const woken = [...this.waiting]
    this.waiting.clear()
    for (const wake of woken) wake()
    return base
  }

  /** @throws LogError `OFFSET_OUT_OF_RANGE` */
  read(from: number, recordsMax: number): readonly LogRecord[] {
    if (from < this.low || from > this.high) {
      const message = `offset ${from} is not between ${this.low} and ${this.high}`
      throw new LogError(message, { code: 'OFFSET_OUT_OF_RANGE', retriable: false })
    }
    return this.records.slice(from, from + recordsMax)
  }
}

/** The topics of a log server, in memory. */
export class Broker {
  readonly #topics = new Map<string, { readonly spec: TopicSpec; readonly partitions: BrokerPartition[] }>()

  createTopic(spec: TopicSpec): void {
    const existing = this.#topics.get(spec.topic)
    if (existing === undefined) {
      const partitions = Array.from({ length: spec.partitions }, () => new BrokerPartition())
      this.#topics.set(spec.topic, { spec, partitions })
    } else if (existing.partitions.length !== spec.partitions) {
      const message = `${spec.topic} has ${existing.partitions.length} partitions`
      throw new LogError(message, { code: 'PARTITION_COUNT_DIFFERS', retriable: false })
    }
  }

  /** @throws LogError `UNKNOWN_TOPIC` */
  partitions(topic: string): readonly BrokerPartition[] {
    const found = this.#topics.get(topic)
    if (found !== undefined) return found.partitions
    throw new LogError(`there is no topic ${topic}`, { code: 'UNKNOWN_TOPIC', retriable: false })
  }

  /** @throws LogError `UNKNOWN_TOPIC` */
  partition(topic: string, partition: number): BrokerPartition {
    const found = this.partitions(topic)[partition]
    if (found !== undefined) return found
    throw new LogError(`there is no ${topic}-${partition}`, { code: 'UNKNOWN_TOPIC', retriable: false })
  }

  watermarks(topic: string): Watermarks[] {
    return this.partitions(topic).map(({ low, high }, partition) => ({ partition, low, high }))
  }

  /** Deletes what is older than its topic keeps. */
  applyRetention(now: number): void {
    for (const { spec, partitions } of this.#topics.values()) {
      for (const partition of partitions) {
        const kept = partition.records.findIndex(({ appendedAt }) => now - appendedAt < spec.retentionMs)
        partition.low = Math.max(partition.low, kept === -1 ? partition.high : kept)
      }
    }
  }
}
