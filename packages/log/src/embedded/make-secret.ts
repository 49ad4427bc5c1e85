import { findInFile } from '@millrace/runtime'
import { chunkNaming, readChunk } from './chunk.ts'
import type { Environment } from './environment.ts'
import { headKey, lowKey, readEnd, topicKey, type TopicRow } from './rows.ts'
import { storedBytes } from './space.ts'

/** The most chunks whose old copies are looked for: their topics hold a few records a day. */
const copiesSoughtMax = 256

/**
 * Makes a topic that was open secret, what it retains included: moves the chunks to files of their own, and overwrites
 * the copies that LMDB's file still holds of them. The row says `hasOpenCopies` until a later call finds none any more,
 * since LMDB may write a copy once more out of a page that it keeps in memory. What retention has removed before cannot
 * be found here, because nobody knows it; it stays until LMDB uses its pages again.
 */
export async function makeSecret(environment: Environment, topic: string): Promise<void> {
  const row = await changeTopic(environment, topic, { isSecret: true, hasOpenCopies: true })
  const chunks: Buffer[] = []
  for (let partition = 0; partition < row.partitions; partition++) {
    chunks.push(...(await movePartition(environment, topic, partition)))
  }
  const overwritten = await overwriteCopies(environment, chunks.slice(-copiesSoughtMax))
  if (overwritten === 0) await changeTopic(environment, topic, { hasOpenCopies: false })
}

/** @returns the retained chunks, in the plain format */
async function movePartition(
  environment: Environment,
  topic: string,
  partition: number,
): Promise<readonly Buffer[]> {
  environment.snapshot()
  const chunks: Buffer[] = []
  const { offset: end } = readEnd(environment, headKey(topic, partition))
  for (let offset = readEnd(environment, lowKey(topic, partition)).offset; offset < end;) {
    environment.snapshot()
    const [found] = environment.chunksFrom([topic, partition], offset, 1)
    if (found === undefined) break
    const chunk = readChunk(found.base, found.bytes)
    offset = chunk.base + chunk.count
    const plain =
      chunk.secret === undefined ? Buffer.from(chunk.bytes) : environment.secrets.read(topic, chunk.secret)
    if (plain === undefined) continue
    chunks.push(plain)
    if (chunk.secret === undefined)
      await moveChunk(environment, { topic, partition, base: chunk.base, plain })
  }
  return chunks
}

/** Unless retention removes it meanwhile; its secret then goes as one that no chunk names. */
async function moveChunk(
  environment: Environment,
  chunk: {
    readonly topic: string
    readonly partition: number
    readonly base: number
    readonly plain: Buffer
  },
): Promise<void> {
  const { topic, partition, base, plain } = chunk
  const { appendedAt, count } = readChunk(base, plain)
  const naming = chunkNaming(await environment.secrets.write(topic, appendedAt, plain), count)
  for (;;) {
    environment.snapshot()
    const low = readEnd(environment, lowKey(topic, partition))
    if (low.offset > base) return
    const savedBytes = storedBytes(plain.length) - storedBytes(naming.bytes.length)
    const done = await environment.write([low.condition], () => {
      environment.putChunk([topic, partition], base, naming.bytes)
      // Retention will count the smaller chunk: the difference counts as removed now.
      environment.putRow(lowKey(topic, partition), { bytes: low.bytes + savedBytes }, low.offset + 1)
    })
    if (done) return
  }
}

/**
 * A chunk's bytes begin with their kind, count and the millisecond of their append, so they are found nowhere else than
 * in old copies of the chunk. @returns how many there were
 */
async function overwriteCopies(environment: Environment, chunks: readonly Buffer[]): Promise<number> {
  if (chunks.length === 0) return 0
  let overwritten = 0
  for await (const { needle, at } of findInFile(environment.file, chunks)) {
    if (environment.overwrite(needle, at)) overwritten++
  }
  return overwritten
}

async function changeTopic(
  environment: Environment,
  topic: string,
  changes: Partial<TopicRow>,
): Promise<TopicRow> {
  for (;;) {
    environment.snapshot()
    const key = topicKey(topic)
    const { value, version } = environment.row(key) ?? { value: undefined, version: 0 }
    const row = { ...(value as TopicRow), ...changes }
    if (await environment.write([{ key, version }], () => environment.putRow(key, row, version + 1)))
      return row
  }
}
