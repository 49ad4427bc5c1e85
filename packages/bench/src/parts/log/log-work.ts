import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Log } from '@millrace/log'
import type { RecordBatches } from './record-batches.ts'

const retentionMs = 86_400_000
const fetchRecordsMax = 1_000

/** A topic of one partition that nobody else has. */
export async function freshTopic(log: Log): Promise<string> {
  const topic = `bench-${randomBytes(6).toString('hex')}`
  await log.createTopics([{ topic, partitions: 1, retentionMs, replicationFactor: 1 }])
  return topic
}

/** Appends batch by batch, each acknowledged before the next goes out. */
export async function appendAll(log: Log, { batches }: RecordBatches): Promise<void> {
  const appender = await log.appender()
  try {
    for (const batch of batches) await appender.append(batch)
  } finally {
    await appender.close()
  }
}

/**
 * Reads a topic from its start as a member of a group of its own, until it has `records`.
 * @param onAssigned the group has given it the partition
 * @returns how many records it saw, and their bytes
 */
export async function readAll(
  log: Log,
  { topic, records }: { readonly topic: string; readonly records: number },
  onAssigned: () => void,
): Promise<{ records: number; bytes: number }> {
  const seen = { records: 0, bytes: 0 }
  const consumer = log.consumer({ groupId: `${topic}-${randomBytes(4).toString('hex')}`, topic })
  const whole = new AbortController()
  const running = consumer.run(async (assignment) => {
    onAssigned()
    while (!assignment.signal.aborted) {
      for (const { value } of await assignment.fetch({ recordsMax: fetchRecordsMax, waitMsMax: 1_000 })) {
        seen.records++
        seen.bytes += value.length
      }
      if (seen.records >= records) whole.abort()
    }
  })
  await Promise.race([once(whole.signal, 'abort'), running])
  await consumer.drain()
  await running
  return seen
}
