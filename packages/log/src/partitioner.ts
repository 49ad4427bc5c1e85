/**
 * The partition of a key: Kafka's default partitioner (murmur2, seed 0x9747b28c), so that every producer in any
 * language sends a visitor to the same place.
 */
export function partitionOf(key: Buffer, partitionCount: number): number {
  return (murmur2(key) & 0x7fffffff) % partitionCount
}

function murmur2(data: Buffer): number {
  const m = 0x5bd1e995
  const length = data.length
  let h = 0x9747b28c ^ length
  const end = length & ~3
  for (let i = 0; i < end; i += 4) {
    let k = Math.imul(data.readInt32LE(i), m)
    k ^= k >>> 24
    h = Math.imul(h, m) ^ Math.imul(k, m)
  }
  const left = length & 3
  if (left === 3) h ^= (data[end + 2] ?? 0) << 16
  if (left >= 2) h ^= (data[end + 1] ?? 0) << 8
  if (left >= 1) h = Math.imul(h ^ (data[end] ?? 0), m)
  h = Math.imul(h ^ (h >>> 13), m)
  return h ^ (h >>> 15)
}
