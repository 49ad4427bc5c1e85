import { setImmediate as nextTurn } from 'node:timers/promises'
import { assert } from '@millrace/runtime'
import { LogError } from '../log-error.ts'
import type { AppendRecord, LogAppender, Position } from '../log.ts'
import type { Bell } from './bell.ts'
import { chunkNaming, encodeChunks, readChunk, type EncodedChunk } from './chunk.ts'
import { commitFailure } from './commit-failure.ts'
import type { Environment } from './environment.ts'
import { headKey, putEnd, readEnd, readTopic, type PartitionEnd } from './rows.ts'
import { storedBytes, type Space } from './space.ts'

export interface AppenderOptions {
  readonly environment: Environment
  readonly bell: Pick<Bell, 'ring'>
  readonly space: Space
  readonly now: () => number
  readonly recordBytesMax: number
  readonly chunkBytesMax: number
}

/** Records of one partition within one append. */
interface Share {
  readonly topic: string
  readonly partition: number
  readonly records: AppendRecord[]
  /** Where each stands within the append. */
  readonly indexes: number[]
}

interface Placed extends Share {
  readonly chunks: readonly EncodedChunk[]
  readonly bytes: number
}

/**
 * Appends in one transaction, on condition that the partitions still end where they did when it was prepared; when
 * another appender was faster, prepares again. One of those who collide always succeeds.
 */
export class EmbeddedAppender implements LogAppender {
  readonly #options: AppenderOptions
  #busy = false

  constructor(options: AppenderOptions) {
    this.#options = options
  }

  async append(records: readonly AppendRecord[]): Promise<readonly Position[]> {
    assert(!this.#busy, 'an append began before the last one had settled')
    if (records.length === 0) return []
    this.#busy = true
    try {
      return await this.#append(records)
    } finally {
      this.#busy = false
    }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  async #append(records: readonly AppendRecord[]): Promise<readonly Position[]> {
    const { environment, space, bell } = this.#options
    this.#checkSizes(records)
    const plain = sharesOf(records).map((share) => this.#place(share))
    environment.snapshot()
    for (const share of plain) this.#endOf(share) // they exist
    const secrets = this.#secretTopics(plain)
    await space.take(plain.reduce((sum, { bytes }) => sum + bytes, 0))
    const placed: Placed[] = []
    for (const share of plain) placed.push(secrets.has(share.topic) ? await this.#seal(share) : share)
    for (;;) {
      environment.snapshot()
      const shares = placed.map((share) => ({ share, end: this.#endOf(share) }))
      const done = await environment.write(
        shares.map(({ end }) => end.condition),
        () => shares.forEach(({ share, end }) => this.#put(share, end)),
      )
      if (done) {
        for (const topic of new Set(placed.map((share) => share.topic))) bell.ring(recordsIn(topic))
        return positions(records.length, shares)
      }
      await nextTurn()
    }
  }

  #secretTopics(shares: readonly Share[]): ReadonlySet<string> {
    const topics = [...new Set(shares.map(({ topic }) => topic))]
    return new Set(topics.filter((topic) => readTopic(this.#options.environment, topic).isSecret === true))
  }

  #endOf({ topic, partition }: Share): PartitionEnd {
    return readEnd(this.#options.environment, headKey(topic, partition))
  }

  #checkSizes(records: readonly AppendRecord[]): void {
    const { recordBytesMax } = this.#options
    const large = records.find(({ value }) => value.length > recordBytesMax)
    if (large === undefined) return
    throw new LogError(`a record of ${large.value.length} bytes is above ${recordBytesMax}`, {
      code: 'RECORD_TOO_LARGE',
      retriable: false,
    })
  }

  #place(share: Share): Placed {
    const { now, chunkBytesMax } = this.#options
    const chunks = encodeChunks(share.records, { appendedAt: now(), chunkBytesMax })
    return { ...share, chunks, bytes: bytesOf(chunks) }
  }

  /** Writes the chunks to files of their own; the log then gets what names them. */
  async #seal(share: Placed): Promise<Placed> {
    const { environment } = this.#options
    const chunks: EncodedChunk[] = []
    try {
      for (const { bytes, count } of share.chunks) {
        const { appendedAt } = readChunk(0, bytes)
        chunks.push(chunkNaming(await environment.secrets.write(share.topic, appendedAt, bytes), count))
      }
    } catch (error) {
      throw await commitFailure(error, environment.file)
    }
    return { ...share, chunks, bytes: bytesOf(chunks) }
  }

  #put(share: Placed, end: PartitionEnd): void {
    const { environment } = this.#options
    const { topic, partition } = share
    let offset = end.offset
    for (const { bytes, count } of share.chunks) {
      environment.putChunk([topic, partition], offset, bytes)
      offset += count
    }
    putEnd(environment, headKey(topic, partition), { offset, bytes: end.bytes + share.bytes })
  }
}

/** What the bell is rung for when a topic gets records. */
export function recordsIn(topic: string): string {
  return `records ${topic}`
}

/** What they take in the log's file. */
function bytesOf(chunks: readonly EncodedChunk[]): number {
  return chunks.reduce((sum, { bytes }) => sum + storedBytes(bytes.length), 0)
}

function sharesOf(records: readonly AppendRecord[]): Share[] {
  const byTopic = new Map<string, Map<number, Share>>()
  const shares: Share[] = []
  for (const [index, record] of records.entries()) {
    const { topic, partition } = record
    let byPartition = byTopic.get(topic)
    if (byPartition === undefined) byTopic.set(topic, (byPartition = new Map<number, Share>()))
    let share = byPartition.get(partition)
    if (share === undefined) {
      share = { topic, partition, records: [], indexes: [] }
      byPartition.set(partition, share)
      shares.push(share)
    }
    share.records.push(record)
    share.indexes.push(index)
  }
  return shares
}

function positions(
  count: number,
  shares: readonly { readonly share: Share; readonly end: PartitionEnd }[],
): Position[] {
  const found = new Array<Position>(count)
  for (const { share, end } of shares) {
    const { partition, indexes } = share
    for (const [nth, index] of indexes.entries()) found[index] = { partition, offset: end.offset + nth }
  }
  return found
}
