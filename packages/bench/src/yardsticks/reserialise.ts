/** Reads records, parses and re-serialises each, and appends them to another topic: an enricher that enriches nothing. */
import { openLog, type AppendRecord } from '@millrace/log'
import { startProgress, stopSignal, yardstickOptions } from './yardstick.ts'

const fetchRecordsMax = 1_000

interface Options {
  readonly log: { DATA_DIR: string; EMBEDDED_LOG_BYTES_MAX: number; KAFKA_BROKERS?: string }
  readonly groupId: string
  readonly from: string
  readonly to: string
}

const { log: where, groupId, from, to } = yardstickOptions() as Options
const progress = startProgress()
const log = await openLog(where, { clientId: 'bench-reserialise' })
const consumer = log.consumer({ groupId, topic: from })
const running = consumer.run(async (assignment) => {
  const { partition, signal } = assignment
  const appender = await log.appender()
  while (!signal.aborted) {
    const records = await assignment.fetch({ recordsMax: fetchRecordsMax, waitMsMax: 500 })
    const last = records.at(-1)
    if (last === undefined) continue
    const written = records.map(({ value }): AppendRecord => {
      const parsed: unknown = JSON.parse(value.toString('utf8'))
      return { topic: to, partition, key: null, value: Buffer.from(JSON.stringify(parsed)) }
    })
    await appender.append(written)
    await assignment.commit({ offset: last.offset + 1, metadata: '' })
    progress(records.length)
  }
  await appender.close()
})
await stopSignal()
await consumer.drain()
await running
await log.close()
process.disconnect()
