import { describe, expect, it } from 'vitest'
import type { AppendRecord } from '../log.ts'
import { ChunkCursor, encodeChunks, readChunk } from './chunk.ts'

const aRecord = (value: string, key: string | null = null): AppendRecord => ({
  topic: 't',
  partition: 0,
  key: key === null ? null : Buffer.from(key),
  value: Buffer.from(value),
})

function decode(bytes: Buffer, base: number, from = base) {
  const cursor = new ChunkCursor(readChunk(base, bytes))
  cursor.skipTo(from)
  const records = []
  while (!cursor.isAtEnd) {
    const { offset, key, value, appendedAt } = cursor.next()
    records.push([offset, key?.toString() ?? null, value.toString(), appendedAt])
  }
  return records
}

describe('encodeChunks', () => {
  it('gives back offsets, keys, values and time', () => {
    const [chunk] = encodeChunks([aRecord('one', 'k'), aRecord(''), aRecord('three', '')], {
      appendedAt: 1_700_000_000_123,
      chunkBytesMax: 1_000,
    })
    expect(decode(chunk!.bytes, 40)).toEqual([
      [40, 'k', 'one', 1_700_000_000_123],
      [41, null, '', 1_700_000_000_123],
      [42, '', 'three', 1_700_000_000_123],
    ])
    expect(decode(chunk!.bytes, 40, 42)).toEqual([[42, '', 'three', 1_700_000_000_123]])
  })

  it.each([
    { name: 'nothing', sizes: [], chunkBytesMax: 100, counts: [] },
    { name: 'all in one', sizes: [10, 10, 10], chunkBytesMax: 100, counts: [3] },
    {
      name: 'a new chunk where the last is full',
      sizes: [30, 30, 30, 30],
      chunkBytesMax: 100,
      counts: [2, 2],
    },
    { name: 'a record above the limit alone', sizes: [10, 500, 10], chunkBytesMax: 100, counts: [1, 1, 1] },
  ])('cuts records into chunks: $name', ({ sizes, chunkBytesMax, counts }) => {
    const records = sizes.map((size, index) => aRecord(String(index).padEnd(size, '.')))
    const chunks = encodeChunks(records, { appendedAt: 0, chunkBytesMax })
    expect(chunks.map(({ count }) => count)).toEqual(counts)
    const values = chunks.flatMap(({ bytes }) => decode(bytes, 0).map(([, , value]) => value))
    expect(values).toEqual(records.map(({ value }) => value.toString()))
  })

  it('does not read what another version wrote', () => {
    const [chunk] = encodeChunks([aRecord('v')], { appendedAt: 0, chunkBytesMax: 100 })
    chunk!.bytes[0] = 9
    expect(() => readChunk(0, chunk!.bytes)).toThrow('another version')
  })
})
