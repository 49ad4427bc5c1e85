import { readChunk, type Chunk } from './chunk.ts'
import type { Environment } from './environment.ts'
import { lowKey, putEnd, readEnd, readTopics } from './rows.ts'
import { storedBytes } from './space.ts'

/** The most chunks that one transaction removes: about 4 MiB, so that it is short. */
const chunksMax = 64

interface Partition {
  readonly topic: string
  readonly partition: number
}

/**
 * Removes, in small transactions, the chunks that are older than their topic's retention; of secret topics the files
 * first. The log looks every `retentionSweepMs` (10 s) while a process has it open, so that is how long a secret outlives
 * its retention at most; while no process has it open, until one does.
 */
export async function removeExpired(environment: Environment, now: number): Promise<void> {
  environment.snapshot()
  for (const { topic, row } of readTopics(environment)) {
    if (row.isSecret === true) await environment.secrets.removeBefore(topic, now - row.retentionMs)
    for (let partition = 0; partition < row.partitions; partition++) {
      const isExpired = ({ appendedAt }: { appendedAt: number }): boolean =>
        appendedAt < now - row.retentionMs
      await removeOldest(environment, { topic, partition }, isExpired)
    }
  }
}

/** Removes the chunks that lie wholly before the offset. */
export async function removeBefore(
  environment: Environment,
  place: Partition,
  offset: number,
): Promise<void> {
  await removeOldest(environment, place, ({ base, count }) => base + count <= offset)
}

async function removeOldest(
  environment: Environment,
  place: Partition,
  isOver: (chunk: { base: number; count: number; appendedAt: number }) => boolean,
): Promise<void> {
  let limit = 1 // usually there is nothing to remove, and one look shows it
  while (!environment.closed) {
    const { ends, removed } = await removeSome(environment, place, { isOver, limit })
    if (ends || removed < limit) return
    limit = chunksMax
  }
}

/** `ends`: another thread or process is removing too. */
async function removeSome(
  environment: Environment,
  { topic, partition }: Partition,
  { isOver, limit }: { isOver: Parameters<typeof removeOldest>[2]; limit: number },
): Promise<{ ends: boolean; removed: number }> {
  environment.snapshot()
  const key = lowKey(topic, partition)
  const low = readEnd(environment, key)
  const over: Chunk[] = []
  for (const { base, bytes } of environment.chunksFrom([topic, partition], low.offset, limit)) {
    const chunk = readChunk(base, bytes)
    if (!isOver(chunk)) break
    over.push(chunk)
  }
  const last = over.at(-1)
  if (last === undefined) return { ends: false, removed: 0 }
  const bytes = over.reduce((sum, chunk) => sum + storedBytes(chunk.bytes.length), low.bytes)
  const done = await environment.write([low.condition], () => {
    for (const { base } of over) environment.removeChunk([topic, partition], base)
    putEnd(environment, key, { offset: last.base + last.count, bytes })
  })
  return { ends: !done, removed: over.length }
}
