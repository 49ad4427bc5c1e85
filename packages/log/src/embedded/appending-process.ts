/** A process for tests: appends to an embedded log until it is killed, and prints each record's place once acknowledged. */
import { openEmbeddedLog } from './embedded-log.ts'

const [directory = '', topic = '', name = ''] = process.argv.slice(2)

const log = await openEmbeddedLog({ directory, bytesMax: 2 ** 30, diskFreeBytesMin: 0 })
const partitions = await log.partitionCount(topic)
const appender = await log.appender()
for (let next = 0; ;) {
  const count = 1 + (next % 23)
  const records = Array.from({ length: count }, (_, index) => ({
    topic,
    partition: (next + index) % partitions,
    key: null,
    value: Buffer.from(`${name}-${next + index}`.padEnd(20 + (next % 7) * 100, '.')),
  }))
  const positions = await appender.append(records)
  const lines = positions.map(
    ({ partition, offset }, index) => `${partition} ${offset} ${name}-${next + index}\n`,
  )
  process.stdout.write(lines.join(''))
  next += count
}
