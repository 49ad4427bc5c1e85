import type { LogRecord, RecordPlace } from '../log.ts'
import type { KafkaClient } from './client.ts'
import { KafkaProtocolError } from './kafka-error.ts'
import { decodeBatches, RecordReader, type FetchedBatch } from './record-batch.ts'
import { fetchFrom } from './requests.ts'

/** Only the batch that holds the record: the first one comes whole, however large. */
const fetchLimits = { waitMsMax: 0, bytesMin: 0, bytesMax: 1 }

/**
 * The record at the offset, copied out of its batch; undefined where none is retained.
 * @throws KafkaProtocolError, one that passes where only the leader of now can tell
 */
export async function readRecord(
  client: KafkaClient,
  { topic, partition, offset }: RecordPlace,
): Promise<LogRecord | undefined> {
  const [marks] = await client.watermarks(topic, [partition])
  if (marks === undefined || offset < marks.low || offset >= marks.high) return undefined
  const positions = [{ partition, offset, bytesMax: 1 }]
  const [answer] = await client.askNode(client.leaderOf(topic, partition), (broker) =>
    fetchFrom(broker, { topic, positions }, fetchLimits),
  )
  const errorType = answer?.errorType ?? 'UNKNOWN_TOPIC_OR_PARTITION'
  if (errorType === 'OFFSET_OUT_OF_RANGE') {
    // Retention went past it since the look at the watermarks, or another node leads now: the next try tells.
    throw new KafkaProtocolError('NOT_LEADER_FOR_PARTITION', `${topic}-${partition}`)
  }
  if (answer === undefined || errorType !== 'NONE')
    throw new KafkaProtocolError(errorType, `${topic}-${partition}`)
  return recordIn(decodeBatches(answer.data), offset)
}

/** An offset without a record is that of a transaction's marker. */
function recordIn(batches: readonly FetchedBatch[], offset: number): LogRecord | undefined {
  const batch = batches.find(({ baseOffset, nextOffset }) => baseOffset <= offset && offset < nextOffset)
  if (batch === undefined) return undefined
  const reader = new RecordReader(batch)
  for (let record = reader.next(); record !== undefined; record = reader.next()) {
    if (record.offset !== offset) continue
    return { ...record, key: record.key && Buffer.from(record.key), value: Buffer.from(record.value) }
  }
  return undefined
}
