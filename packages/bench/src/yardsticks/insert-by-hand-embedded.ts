/** The same from the embedded log, through its own consumer. */
import { createClient } from '@clickhouse/client'
import { openLog } from '@millrace/log'
import { startProgress, stopSignal, yardstickOptions } from './yardstick.ts'

interface Options {
  readonly log: { DATA_DIR: string; EMBEDDED_LOG_BYTES_MAX: number }
  readonly groupId: string
  readonly topic: string
  readonly url: string
  readonly database: string
  readonly rowsMax: number
}

const options = yardstickOptions() as Options
const progress = startProgress()
const log = await openLog(options.log, { clientId: 'bench-by-hand' })
const client = createClient({ url: options.url, database: options.database, request_timeout: 120_000 })
const consumer = log.consumer({ groupId: options.groupId, topic: options.topic })
const running = consumer.run(async (assignment) => {
  while (!assignment.signal.aborted) {
    const records = await assignment.fetch({ recordsMax: options.rowsMax, waitMsMax: 500 })
    const last = records.at(-1)
    if (last === undefined) continue
    const rows = records.map(({ value }): unknown => JSON.parse(value.toString('utf8')))
    await client.insert({ table: 'events', values: rows, format: 'JSONEachRow' })
    await assignment.commit({ offset: last.offset + 1, metadata: '' })
    progress(rows.length)
  }
})
await stopSignal()
await consumer.drain()
await running
await client.close()
await log.close()
process.disconnect()
