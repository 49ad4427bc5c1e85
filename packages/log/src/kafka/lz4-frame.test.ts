import lz4 from 'lz4-napi'
import { describe, expect, it } from 'vitest'
import { decompressLz4 } from './lz4-frame.ts'

const line = (index: number) => `{"site":"site${String(index % 97)}.example","at":${String(index * 7919)}}`
const text = (lines: number) => Buffer.from(Array.from({ length: lines }, (_, i) => line(i)).join('\n'))
/** Bytes that do not compress. */
const noise = Buffer.from(
  Array.from({ length: 5_000 }, (_, i) => (Math.imul(i + 1, 2_654_435_761) >>> 13) & 0xff),
)

describe('decompressLz4', () => {
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['one byte', Buffer.from('a')],
    ['noise', noise],
    ['5 kB', text(120)],
    ['64 kB and a little', text(1_700)],
    ['300 kB', text(8_000)],
    ['900 kB', text(24_000)],
    ['6 MB, more than a block', text(150_000)],
    ['1 MB of zeros', Buffer.alloc(1_000_000)],
  ])('gives back what was compressed: %s', (_, content) => {
    expect(decompressLz4(lz4.compressFrameSync(content)).equals(content)).toBe(true)
  })

  it('reads frames with checksums', () => {
    const frame = lz4.compressFrameSync(text(3_000), { contentChecksum: true, blockChecksums: true })
    expect(decompressLz4(frame).equals(text(3_000))).toBe(true)
  })

  it('throws on bytes that are no frame, a block that is cut, and one that claims more than it may hold', () => {
    const frame = lz4.compressFrameSync(text(3_000))
    const smaller = Buffer.from(frame)
    smaller[5] = 0x40
    const cut = Buffer.concat([frame.subarray(0, 500), Buffer.alloc(4)])
    cut.writeUInt32LE(500 - 11, 7)
    for (const bad of [
      Buffer.from('no frame at all, but long enough'),
      frame.subarray(0, -9),
      cut,
      smaller,
    ]) {
      expect(() => decompressLz4(bad)).toThrow()
    }
  })
})
