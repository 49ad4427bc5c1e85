import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { topics } from '@millrace/events'
import { openLog, type LogRecord, type OpenLogOptions } from '@millrace/log'

/**
 * Writes what the log holds of raw and enriched records to files in a directory, one line a record: what a round that
 * failed is understood by.
 * @returns the files
 */
export async function dumpLog(options: OpenLogOptions, directory: string): Promise<string[]> {
  const log = await openLog(options, { clientId: 'fault-suite' })
  try {
    const files: string[] = []
    for (const topic of [topics.raw, topics.enriched]) {
      const file = join(directory, `${topic}.ndjson`)
      const lines = createWriteStream(file)
      for (let partition = 0; partition < (await log.partitionCount(topic)); partition++) {
        const onRecord = ({ offset, appendedAt, value }: LogRecord): void => {
          lines.write(`${JSON.stringify({ partition, offset, appendedAt, value: value.toString() })}\n`)
        }
        const following = await log.follow({ topic, partition, onRecord, onError: () => undefined })
        await following.stop()
      }
      lines.end()
      await finished(lines)
      files.push(file)
    }
    return files
  } finally {
    await log.close()
  }
}
