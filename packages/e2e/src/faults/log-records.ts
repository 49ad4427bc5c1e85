import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { decodeRawEvent, topics } from '@millrace/events'
import { openLog, type LogRecord, type OpenLogOptions } from '@millrace/log'

/** Reads every retained record of a topic, partition by partition, beside the services and without a group. */
async function readTopic(
  options: OpenLogOptions,
  topic: string,
  onRecord: (partition: number, record: LogRecord) => void,
): Promise<void> {
  const log = await openLog(options, { clientId: 'fault-suite' })
  try {
    const partitions = await log.partitionCount(topic)
    for (let partition = 0; partition < partitions; partition++) {
      let failure: unknown
      const following = await log.follow({
        topic,
        partition,
        onRecord: (record) => onRecord(partition, record),
        onError: (error) => {
          failure = error
        },
      })
      await following.stop()
      if (failure !== undefined) throw new Error(`${topic}-${partition} cannot be read`, { cause: failure })
    }
  } finally {
    await log.close()
  }
}

/**
 * Places (`partition-offset`) of the raw records that have to leave a row: all but a producer's resends, whose sequence is
 * not above the last one of that producer in the partition.
 */
export async function placesToStore(options: OpenLogOptions): Promise<string[]> {
  const places: string[] = []
  const lastSequences = new Map<string, number>()
  await readTopic(options, topics.raw, (partition, { offset, value }) => {
    const { producerId, producerSequence } = decodeRawEvent(value)
    const producer = `${partition} ${producerId}`
    if (producerSequence <= (lastSequences.get(producer) ?? 0)) return
    lastSequences.set(producer, producerSequence)
    places.push(`${partition}-${offset}`)
  })
  return places
}

/** Writes raw and enriched records to files, one line a record: what a round that failed is understood by. */
export async function dumpLog(options: OpenLogOptions, directory: string): Promise<void> {
  for (const topic of [topics.raw, topics.enriched]) {
    const lines = createWriteStream(join(directory, `${topic}.ndjson`))
    await readTopic(options, topic, (partition, { offset, appendedAt, value }) => {
      lines.write(`${JSON.stringify({ partition, offset, appendedAt, value: value.toString() })}\n`)
    })
    lines.end()
    await finished(lines)
  }
}
