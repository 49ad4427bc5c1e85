import type { Log } from '../log.ts'
import type { LogBench } from './log-bench.ts'

export interface ReadRecord {
  readonly offset: number
  readonly text: string
  readonly key: Buffer | null
  readonly bytes: Buffer
  readonly appendedAt: number
}

/** Every record of a partition that is there now, copied. */
export async function readAll(
  bench: LogBench,
  client: Log,
  place: { topic: string; partition: number },
): Promise<ReadRecord[]> {
  const records: ReadRecord[] = []
  let failure: unknown
  const following = await bench.inTime(
    'reading the partition',
    client.follow({
      ...place,
      onRecord: ({ offset, key, value, appendedAt }) => {
        const bytes = Buffer.from(value)
        records.push({ offset, key: key && Buffer.from(key), bytes, appendedAt, text: bytes.toString() })
      },
      onError: (error) => {
        failure = error
      },
    }),
  )
  await following.stop()
  if (failure !== undefined) throw new Error('following failed', { cause: failure })
  return records
}
