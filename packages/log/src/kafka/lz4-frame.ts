import lz4 from 'lz4-napi'

/** Magic number, flags, block size code, checksum of these: the header of a frame without a content size. */
const headerBytes = 7
const magic = 0x184d2204
/** Version 1, independent blocks; no checksums, no content size, no dictionary: what `compressFrameSync` writes. */
const plainFlags = 0x60
const uncompressedBit = 0x8000_0000
const sizeBytes = 4
/** What a byte of a compressed block can stand for at most. */
const ratioMax = 255

/**
 * Reads a frame (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md). lz4-napi (2.10.0) reads one of more than
 * 64 kB at 0.2 to 1.2 GB/s and a bare block at 9 GB/s, so a frame of one block, as we write it, is read as that.
 */
export function decompressLz4(frame: Buffer): Buffer {
  const block = onlyBlockOf(frame)
  return block === undefined ? lz4.decompressFrameSync(frame) : lz4.uncompressSync(block)
}

/** The block behind the most bytes that it may hold, as `uncompressSync` wants it; undefined when it is another frame. */
function onlyBlockOf(frame: Buffer): Buffer | undefined {
  const from = headerBytes + sizeBytes
  if (frame.length < from + sizeBytes) return undefined
  if (frame.readUInt32LE(0) !== magic || frame[4] !== plainFlags) return undefined
  const size = frame.readUInt32LE(headerBytes)
  const isOnly = frame.length === from + size + sizeBytes && frame.readUInt32LE(from + size) === 0
  if (size >= uncompressedBit || size === 0 || !isOnly) return undefined
  const block = Buffer.allocUnsafe(sizeBytes + size)
  block.writeUInt32LE(Math.min(blockBytesMax(frame[5] ?? 0), size * ratioMax), 0)
  block.set(frame.subarray(from, from + size), sizeBytes)
  return block
}

/** Codes 4 to 7 in the bits above the lowest four: 64 kB, 256 kB, 1 MB, 4 MB. */
function blockBytesMax(descriptor: number): number {
  return 2 ** (8 + 2 * ((descriptor >> 4) & 0b111))
}
