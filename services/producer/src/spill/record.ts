import { decodeRawEvent, encodeRawEvent, topics, UndecodableRecordError } from '@millrace/events'
import { partitionOf, type AppendRecord, type QueueRecord } from '@millrace/log'
import { assert } from '@millrace/runtime'

/** Before the key: u32 partition, u8 whether there is a key, u8 length of the topic's name, the name. */
const fixedBytes = 6

/** A record as it waits on the disk: with the place that it was made for. */
export function toSpill({ topic, partition, key, value }: AppendRecord): QueueRecord {
  const place = Buffer.alloc(fixedBytes + topic.length)
  place.writeUInt32LE(partition)
  place.writeUInt8(key === null ? 0 : 1, 4)
  place.writeUInt8(topic.length, 5)
  place.write(topic, fixedBytes, 'latin1')
  return { key: key === null ? place : Buffer.concat([place, key]), value }
}

export function fromSpill({ key: placed, value }: QueueRecord): AppendRecord {
  assert(placed !== null && placed.length >= fixedBytes, 'a spilled record has its place')
  const keyAt = fixedBytes + placed.readUInt8(5)
  return {
    topic: placed.toString('latin1', fixedBytes, keyAt),
    partition: placed.readUInt32LE(),
    key: placed.readUInt8(4) === 0 ? null : placed.subarray(keyAt),
    value,
  }
}

/**
 * A raw record stays in the partition that it was made for even if the topic has more now, so that it is known for a
 * repeat where it has been written before. In a topic that was made anew with fewer, its key decides; there the records
 * of two partitions can meet, so the producer of each counts as one of its own.
 */
export function placedAmong(record: AppendRecord, rawPartitions: number): AppendRecord {
  const { topic, partition: old, key, value } = record
  if (topic !== topics.raw || old < rawPartitions || key === null) return record
  return { ...record, partition: partitionOf(key, rawPartitions), value: ofOldPartition(value, old) }
}

function ofOldPartition(value: Buffer, partition: number): Buffer {
  try {
    const event = decodeRawEvent(value)
    return encodeRawEvent({ ...event, producerId: `${event.producerId}/${String(partition)}` })
  } catch (error) {
    if (error instanceof UndecodableRecordError) return value // the enricher makes a dead letter of it
    throw error
  }
}
