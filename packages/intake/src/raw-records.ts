import { encodeRawEvent, topics, type RawEvent } from '@millrace/events'
import { partitionOf, type AppendRecord } from '@millrace/log'
import { assert } from '@millrace/runtime'

/** A raw event before it has its place in this producer's order. */
export type UnsequencedEvent = Omit<RawEvent, 'producerId' | 'producerSequence'>

/**
 * Makes raw records: the visitor's key, the partition that follows from it, and this producer instance's sequence within
 * the partition, by which a record that was written twice is told from two events. The records must be appended in the
 * order they are made in.
 */
export class RawRecords {
  readonly #producerId: string
  readonly #partitionCount: number
  /** Last sequence by partition. */
  readonly #sequences: number[]

  constructor(options: { readonly producerId: string; readonly partitionCount: number }) {
    this.#producerId = options.producerId
    this.#partitionCount = options.partitionCount
    this.#sequences = new Array<number>(options.partitionCount).fill(0)
  }

  /** @param event becomes the record's: it gets its sequence, as a copy of so many fields costs more than writing them */
  make(event: UnsequencedEvent): AppendRecord {
    const key = Buffer.from(visitorKey(event))
    const partition = partitionOf(key, this.#partitionCount)
    const last = this.#sequences[partition]
    assert(last !== undefined, 'the partition is one of the topic')
    const producerSequence = last + 1
    this.#sequences[partition] = producerSequence
    const sequenced = event as RawEvent
    sequenced.producerId = this.#producerId
    sequenced.producerSequence = producerSequence
    return { topic: topics.raw, partition, key, value: encodeRawEvent(sequenced) }
  }
}

/**
 * A raw record of a producer that brings its own sequence: it must grow from record to record within a partition, and be
 * the same when the record is made again.
 */
export function rawRecord(
  event: UnsequencedEvent,
  {
    producerId,
    producerSequence,
    partitionCount,
  }: { readonly producerId: string; readonly producerSequence: number; readonly partitionCount: number },
): AppendRecord {
  const key = Buffer.from(visitorKey(event))
  const value = encodeRawEvent({ ...event, producerId, producerSequence })
  return { topic: topics.raw, partition: partitionOf(key, partitionCount), key, value }
}

/** What keeps a visitor's events in one partition: site and given id, or site, address and user agent. */
function visitorKey(event: UnsequencedEvent): string {
  return event.visitorId === undefined || event.visitorId === ''
    ? `${event.site}\n${event.ip}\n${event.userAgent}`
    : `${event.site}\n${event.visitorId}`
}
