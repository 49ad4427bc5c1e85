/**
 * Lower half of a session id: MurmurHash3 (x86, 32 bits, seed 0) of `site`, a zero byte and `userId` in UTF-8.
 * Two visitors who start in the same second on the same site share an id once in 4.3 billion pairs; `user_id` still
 * tells them apart.
 */
export function sessionHash(site: string, userId: string): number {
  return murmur3(Buffer.from(`${site}\0${userId}`))
}

/** MurmurHash3_x86_32 by Austin Appleby (public domain), seed 0, unsigned. */
export function murmur3(bytes: Buffer): number {
  const tailStart = bytes.length & ~3
  let hash = 0
  for (let at = 0; at < tailStart; at += 4) {
    hash ^= scramble(bytes.readInt32LE(at))
    hash = (Math.imul(rotateLeft(hash, 13), 5) + 0xe6546b64) | 0
  }
  let tail = 0
  for (let at = bytes.length - 1; at >= tailStart; at--) tail = (tail << 8) | bytes.readUInt8(at)
  hash ^= scramble(tail) ^ bytes.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function scramble(word: number): number {
  return Math.imul(rotateLeft(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593)
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}
