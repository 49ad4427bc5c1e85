import { LogError } from '../log-error.ts'
import type { LogRecord, RecordPlace, Watermarks } from '../log.ts'
import { ChunkCursor, readChunk, type Chunk } from './chunk.ts'
import type { Environment, RowKey } from './environment.ts'
import { headKey, lowKey, readEnd } from './rows.ts'

/** Reads a partition's records in order, straight from LMDB; keeps the chunk that it is in. */
export class PartitionReader {
  readonly topic: string
  readonly partition: number
  readonly #environment: Environment
  readonly #place: RowKey
  #next: number
  #high: number
  #cursor: ChunkCursor | undefined

  constructor(environment: Environment, topic: string, partition: number, from?: number) {
    this.#environment = environment
    this.topic = topic
    this.partition = partition
    this.#place = [topic, partition]
    const { low, high } = this.watermarks()
    this.#next = from ?? low
    this.#high = high
  }

  /** Next free offset, as last seen. */
  get high(): number {
    return this.#high
  }

  get next(): number {
    return this.#next
  }

  watermarks(): Watermarks {
    return readWatermarks(this.#environment, this.topic, this.partition)
  }

  seek(offset: number): void {
    this.#next = offset
  }

  /**
   * The next records that are there, in order; empty at the end of the partition.
   * @param max.bytes of values; the first record always fits
   * @throws LogError `OFFSET_OUT_OF_RANGE` when the wanted offset is not retained
   */
  read(max: { readonly records: number; readonly bytes: number }): LogRecord[] {
    this.#environment.snapshot()
    this.#high = readEnd(this.#environment, headKey(this.topic, this.partition)).offset
    if (this.#next < 0 || this.#next > this.#high) throw this.#outOfRange()
    const records: LogRecord[] = []
    let bytes = 0
    while (this.#next < this.#high && records.length < max.records && bytes < max.bytes) {
      const cursor = this.#cursorAt(this.#next)
      if (cursor === undefined) {
        if (records.length > 0) break
        throw this.#outOfRange()
      }
      while (!cursor.isAtEnd && records.length < max.records && bytes < max.bytes) {
        const record = cursor.next()
        bytes += record.value.length
        records.push(record)
      }
      this.#next = cursor.offset
    }
    return records
  }

  #cursorAt(offset: number): ChunkCursor | undefined {
    const kept = this.#cursor
    if (kept !== undefined && kept.offset <= offset && offset < kept.chunk.base + kept.chunk.count) {
      kept.skipTo(offset)
      return kept
    }
    const exact = this.#environment.chunk(this.#place, offset)
    const found =
      exact === undefined
        ? this.#environment.chunkBefore(this.#place, offset)
        : { base: offset, bytes: exact }
    if (found === undefined) return undefined
    const chunk = readChunk(found.base, found.bytes)
    if (offset >= chunk.base + chunk.count) return undefined
    this.#cursor = this.#open(chunk)
    this.#cursor.skipTo(offset)
    return this.#cursor
  }

  /** Secrets past their retention are passed over: their files go first, then the chunks that name them. */
  #open(chunk: Chunk): ChunkCursor {
    if (chunk.secret === undefined) return new ChunkCursor(chunk)
    const bytes = this.#environment.secrets.read(this.topic, chunk.secret)
    return bytes === undefined ? ChunkCursor.behind(chunk) : new ChunkCursor(readChunk(chunk.base, bytes))
  }

  #outOfRange(): LogError {
    const { low, high } = this.watermarks()
    const message = `offset ${this.#next} of ${this.topic}, partition ${this.partition} is not within ${low} to ${high}`
    return new LogError(message, { code: 'OFFSET_OUT_OF_RANGE', retriable: false })
  }
}

/** The record at the offset, copied out of the file; undefined where none is retained. */
export function readRecord(
  environment: Environment,
  { topic, partition, offset }: RecordPlace,
): LogRecord | undefined {
  const { low, high } = readWatermarks(environment, topic, partition)
  if (offset < low || offset >= high) return undefined
  const reader = new PartitionReader(environment, topic, partition, offset)
  const record = reader.read({ records: 1, bytes: 1 })[0]
  if (record?.offset !== offset) return undefined
  return { ...record, key: record.key && Buffer.from(record.key), value: Buffer.from(record.value) }
}

export function readWatermarks(environment: Environment, topic: string, partition: number): Watermarks {
  environment.snapshot()
  return {
    partition,
    low: readEnd(environment, lowKey(topic, partition)).offset,
    high: readEnd(environment, headKey(topic, partition)).offset,
  }
}
