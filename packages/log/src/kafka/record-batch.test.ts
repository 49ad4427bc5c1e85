import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LogRecord } from '../log.ts'
import type { Compression } from './compression.ts'
import { decodeBatches, encodeBatch, RecordReader } from './record-batch.ts'

const require = createRequire(import.meta.url)
const producer = { producerId: 4_000_000_000_123n, producerEpoch: 7, baseSequence: 41 }
const timestamp = 1_763_700_000_123

function aBatch(compression: Compression, texts: readonly string[] = ['one', 'two', 'three']): Buffer {
  const records = texts.map((text) => ({ key: Buffer.from(`k-${text}`), value: Buffer.from(text) }))
  return encodeBatch({ records, timestamp, compression }, producer)
}

/** As the broker stores it: with its offset, which the checksum does not cover. */
function at(offset: number, batch: Buffer): Buffer {
  const stored = Buffer.from(batch)
  stored.writeBigInt64BE(BigInt(offset), 0)
  return stored
}

function readAll(data: Buffer): LogRecord[] {
  return decodeBatches(data).flatMap((batch) => {
    const reader = new RecordReader(batch)
    const records: LogRecord[] = []
    for (let record = reader.next(); record !== undefined; record = reader.next()) records.push(record)
    return records
  })
}

describe('a record batch', () => {
  it.each(['none', 'gzip', 'lz4'] as const)('gives back what was written, with %s', (compression) => {
    const [batch] = decodeBatches(at(1_000, aBatch(compression)))
    expect(batch).toMatchObject({ baseOffset: 1_000, nextOffset: 1_003, count: 3, isControl: false })
    const records = readAll(at(1_000, aBatch(compression)))
    expect(
      records.map(({ offset, key, value, appendedAt }) => [offset, String(key), String(value), appendedAt]),
    ).toEqual([
      [1_000, 'k-one', 'one', timestamp],
      [1_001, 'k-two', 'two', timestamp],
      [1_002, 'k-three', 'three', timestamp],
    ])
  })

  it('carries any keys and values', () => {
    const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array))
    const record = fc.record({ key: fc.option(bytes), value: bytes })
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 200 }), fc.nat(), (records, offset) => {
        const read = readAll(at(offset, encodeBatch({ records, timestamp, compression: 'lz4' }, producer)))
        expect(read.map(({ key, value }) => ({ key, value }))).toEqual(records)
        expect(read.map((one) => one.offset)).toEqual(records.map((_, index) => offset + index))
      }),
    )
  })

  it('is what kafkajs reads', async () => {
    const Decoder = require('kafkajs/src/protocol/decoder') as new (data: Buffer) => unknown
    const decode = require('kafkajs/src/protocol/recordBatch/v0/decoder') as (
      decoder: unknown,
    ) => Promise<object>
    const read = await decode(new Decoder(at(5, aBatch('gzip'))))
    expect(read).toMatchObject({
      firstOffset: '5',
      lastOffsetDelta: 2,
      firstTimestamp: String(timestamp),
      producerId: String(producer.producerId),
      producerEpoch: 7,
      firstSequence: 41,
      records: [
        { value: Buffer.from('one') },
        { value: Buffer.from('two') },
        { value: Buffer.from('three') },
      ],
    })
  })

  it('reads what kafkajs wrote, with timestamps and headers of each record', async () => {
    const record = require('kafkajs/src/protocol/recordBatch/record/v0') as (options: object) => unknown
    const { RecordBatch: encode } = require('kafkajs/src/protocol/recordBatch/v0') as {
      RecordBatch: (options: object) => Promise<{ buffer: Buffer }>
    }
    const records = ['a', 'b'].map((text, index) =>
      record({
        key: null,
        value: Buffer.from(text),
        offsetDelta: index,
        timestampDelta: index * 5_000_000_000,
        headers: { h: 'x'.repeat(100) },
      }),
    )
    const written = await encode({
      records,
      firstTimestamp: timestamp,
      maxTimestamp: timestamp,
      lastOffsetDelta: 1,
    })
    const read = readAll(at(9, written.buffer))
    expect(read.map(({ offset, value, appendedAt }) => [offset, String(value), appendedAt])).toEqual([
      [9, 'a', timestamp],
      [10, 'b', timestamp + 5_000_000_000],
    ])
  })

  it('leaves a batch that was cut at the end to the next fetch', () => {
    const whole = at(0, aBatch('lz4'))
    for (const cut of [0, 11, 60, whole.length - 1]) {
      const data = Buffer.concat([whole, at(3, aBatch('lz4')).subarray(0, cut)])
      expect(readAll(data)).toHaveLength(3)
    }
  })

  it('refuses bytes that were damaged', () => {
    const damaged = at(0, aBatch('none'))
    damaged[damaged.length - 2]! ^= 1
    expect(() => decodeBatches(damaged)).toThrow('CORRUPT_MESSAGE')
  })

  it('refuses a compression that it cannot read', () => {
    const foreign = aBatch('none')
    foreign.writeInt16BE(2, 21) // snappy
    const { crc32c } = require('@node-rs/crc32') as { crc32c: (data: Buffer) => number }
    foreign.writeUInt32BE(crc32c(foreign.subarray(21)), 17)
    expect(() => decodeBatches(foreign)).toThrow('UNSUPPORTED_COMPRESSION_TYPE')
  })
})
