/**
 * The record batch, version 2 (Kafka 0.11 to now): https://kafka.apache.org/documentation/#recordbatch
 * Our own codec, because kafkajs's spends 10 us on a record when it writes and 3.4 us when it reads, and never checks
 * a checksum that it reads.
 */
import { crc32c } from '@node-rs/crc32'
import type { LogRecord } from '../log.ts'
import { compress, compressionCode, decompress, type Compression } from './compression.ts'
import { KafkaProtocolError } from './kafka-error.ts'
import { VarintReader, varintSize, writeVarint } from './varint.ts'

/** Byte positions in a batch. */
const place = {
  baseOffset: 0,
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  checksum: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
  records: 61,
} as const

const magicKnown = 2
const logAppendTimeBit = 0b1000
const controlBit = 0b10_0000
/** What a record takes beside its key and value: five lengths and deltas, attributes, header count. */
export const recordOverheadMax = 24

export interface BatchProducer {
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly baseSequence: number
}

export interface BatchContent {
  readonly records: readonly { readonly key: Buffer | null; readonly value: Buffer }[]
  /** Unix milliseconds, for all records. */
  readonly timestamp: number
  readonly compression: Compression
}

/** One batch as it goes to the broker. */
export function encodeBatch(
  { records, timestamp, compression }: BatchContent,
  producer: BatchProducer,
): Buffer {
  const body = compress(encodeRecords(records), compression)
  const batch = Buffer.allocUnsafe(place.records + body.length)
  const at = BigInt(timestamp)
  batch.writeBigInt64BE(0n, place.baseOffset)
  batch.writeInt32BE(batch.length - place.leaderEpoch, place.length)
  batch.writeInt32BE(-1, place.leaderEpoch)
  batch.writeInt8(magicKnown, place.magic)
  batch.writeInt16BE(compressionCode(compression), place.attributes)
  batch.writeInt32BE(records.length - 1, place.lastOffsetDelta)
  batch.writeBigInt64BE(at, place.baseTimestamp)
  batch.writeBigInt64BE(at, place.maxTimestamp)
  batch.writeBigInt64BE(producer.producerId, place.producerId)
  batch.writeInt16BE(producer.producerEpoch, place.producerEpoch)
  batch.writeInt32BE(producer.baseSequence, place.baseSequence)
  batch.writeInt32BE(records.length, place.count)
  body.copy(batch, place.records)
  batch.writeUInt32BE(crc32c(batch.subarray(place.attributes)), place.checksum)
  return batch
}

function encodeRecords(records: BatchContent['records']): Buffer {
  const sizes = records.map(({ key, value }, index) => {
    const keySize = key === null ? varintSize(-1) : varintSize(key.length) + key.length
    return 3 + varintSize(index) + keySize + varintSize(value.length) + value.length
  })
  const total = sizes.reduce((sum, size) => sum + varintSize(size) + size, 0)
  const target = Buffer.allocUnsafe(total)
  let at = 0
  records.forEach(({ key, value }, index) => {
    at = writeVarint(target, at, sizes[index] ?? 0)
    target[at++] = 0 // attributes, unused
    target[at++] = 0 // timestamp delta
    at = writeVarint(target, at, index)
    at = writeVarint(target, at, key === null ? -1 : key.length)
    if (key !== null) at += key.copy(target, at)
    at = writeVarint(target, at, value.length)
    at += value.copy(target, at)
    target[at++] = 0 // headers
  })
  return target
}

/** A batch that was fetched and decompressed; its records are read when they are taken. */
export interface FetchedBatch {
  readonly baseOffset: number
  /** The offset after its last record. */
  readonly nextOffset: number
  readonly count: number
  readonly baseTimestamp: number
  /** Set where the broker gave all records one time. */
  readonly appendedAt: number | undefined
  /** A transaction's marker: it has an offset and no record. */
  readonly isControl: boolean
  readonly records: Buffer
}

/**
 * The whole batches of a fetch response's partition. A last, cut one is left for the next fetch.
 * @throws KafkaProtocolError `CORRUPT_MESSAGE`, `UNSUPPORTED_FOR_MESSAGE_FORMAT`, `UNSUPPORTED_COMPRESSION_TYPE`
 */
export function decodeBatches(data: Buffer): readonly FetchedBatch[] {
  const batches: FetchedBatch[] = []
  let at = 0
  while (at + place.records <= data.length) {
    const end = at + place.leaderEpoch + data.readInt32BE(at + place.length)
    if (end > data.length) break
    batches.push(decodeBatch(data.subarray(at, end)))
    at = end
  }
  return batches
}

function decodeBatch(batch: Buffer): FetchedBatch {
  const baseOffset = Number(batch.readBigInt64BE(place.baseOffset))
  const trouble = `the record batch at ${baseOffset}`
  if (batch.readInt8(place.magic) !== magicKnown)
    throw new KafkaProtocolError('UNSUPPORTED_FOR_MESSAGE_FORMAT', trouble)
  if (crc32c(batch.subarray(place.attributes)) !== batch.readUInt32BE(place.checksum)) {
    throw new KafkaProtocolError('CORRUPT_MESSAGE', trouble)
  }
  const attributes = batch.readInt16BE(place.attributes)
  const isControl = (attributes & controlBit) !== 0
  return {
    baseOffset,
    nextOffset: baseOffset + batch.readInt32BE(place.lastOffsetDelta) + 1,
    count: batch.readInt32BE(place.count),
    baseTimestamp: Number(batch.readBigInt64BE(place.baseTimestamp)),
    appendedAt:
      (attributes & logAppendTimeBit) === 0 ? undefined : Number(batch.readBigInt64BE(place.maxTimestamp)),
    isControl,
    records: isControl ? Buffer.alloc(0) : decompress(batch.subarray(place.records), attributes),
  }
}

/** Reads one batch's records in order; the values are views into it. */
export class RecordReader {
  readonly #batch: FetchedBatch
  readonly #varints: VarintReader
  #left: number

  constructor(batch: FetchedBatch) {
    this.#batch = batch
    this.#varints = new VarintReader(batch.records)
    this.#left = batch.isControl ? 0 : batch.count
  }

  /** Undefined after the last. */
  next(): LogRecord | undefined {
    if (this.#left === 0) return undefined
    this.#left--
    const { records, baseOffset, baseTimestamp, appendedAt } = this.#batch
    const varints = this.#varints
    const size = varints.next()
    const end = varints.at + size
    varints.at++ // attributes, unused
    const timestamp = baseTimestamp + varints.next()
    const offset = baseOffset + varints.next()
    const key = this.#bytes(varints.next())
    const value = this.#bytes(varints.next()) ?? records.subarray(0, 0)
    varints.at = end // headers, unused
    return { offset, key, value, appendedAt: appendedAt ?? timestamp }
  }

  #bytes(length: number): Buffer | null {
    if (length < 0) return null
    const from = this.#varints.at
    this.#varints.at += length
    return this.#batch.records.subarray(from, from + length)
  }
}
