import { describe, expect, it } from 'vitest'
import { partitionOf } from './partitioner.ts'

describe('partitionOf', () => {
  // Kafka's own vectors (UtilsTest.testMurmur2), as partitions of a large count.
  const vectors: [string, number][] = [
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ]
  it.each(vectors)('hashes %s as Kafka does', (key, hash) => {
    expect(partitionOf(Buffer.from(key), 0x7fffffff)).toBe((hash & 0x7fffffff) % 0x7fffffff)
  })
})
