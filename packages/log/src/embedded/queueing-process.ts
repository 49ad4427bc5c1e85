/** Appends to the queue in the directory given until it is killed, and tells its parent how many records are durable. */
import { openDiskQueue } from './disk-queue.ts'

const [directory = ''] = process.argv.slice(2)
const queue = await openDiskQueue({ directory, bytesMax: 2 ** 30, diskFreeBytesMin: 0 })
for (let count = 0; ; count += 7) {
  const records = Array.from({ length: 7 }, (_, index) => ({
    key: Buffer.from(`k-${String(count + index)}`),
    value: Buffer.from(`v-${String(count + index)}`),
  }))
  await queue.append(records)
  process.send?.(count + 7)
}
