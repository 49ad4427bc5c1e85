import type { AppendRecord, LogRecord } from '../log.ts'
import type { SecretName } from './secret-files.ts'

/** Records of one partition that were appended together: the unit in which the embedded log stores and reads. */
export interface Chunk {
  /** Offset of its first record. */
  readonly base: number
  readonly count: number
  /** Unix milliseconds. */
  readonly appendedAt: number
  readonly bytes: Buffer
  /** Set where the records lie in a file of their own; `bytes` then only names it. */
  readonly secret: SecretName | undefined
}

export interface EncodedChunk {
  readonly bytes: Buffer
  readonly count: number
}

const plainFormat = 1
/** The header, then the id of the secret that holds the whole chunk in the plain format. */
const secretFormat = 2
/** u8 format, u32 count, f64 appendedAt. */
const headerBytes = 13
/** i32 key length (-1: no key), u32 value length. */
const recordHeaderBytes = 8

/** Lays records out as chunks of at most `chunkBytesMax` bytes, or of one record that is larger; offsets are not part of it. */
export function encodeChunks(
  records: readonly AppendRecord[],
  options: { readonly appendedAt: number; readonly chunkBytesMax: number },
): EncodedChunk[] {
  const chunks: EncodedChunk[] = []
  let from = 0
  let size = headerBytes
  records.forEach((record, index) => {
    const recordSize = recordHeaderBytes + (record.key?.length ?? 0) + record.value.length
    if (index > from && size + recordSize > options.chunkBytesMax) {
      chunks.push(encodeChunk(records.slice(from, index), size, options.appendedAt))
      from = index
      size = headerBytes
    }
    size += recordSize
  })
  if (records.length > from) chunks.push(encodeChunk(records.slice(from), size, options.appendedAt))
  return chunks
}

function encodeChunk(records: readonly AppendRecord[], size: number, appendedAt: number): EncodedChunk {
  const bytes = Buffer.allocUnsafeSlow(size)
  writeHeader(bytes, { format: plainFormat, count: records.length, appendedAt })
  let at = headerBytes
  for (const { key, value } of records) {
    bytes.writeInt32LE(key === null ? -1 : key.length, at)
    bytes.writeUInt32LE(value.length, at + 4)
    at += recordHeaderBytes
    if (key !== null) {
      bytes.set(key, at)
      at += key.length
    }
    bytes.set(value, at)
    at += value.length
  }
  return { bytes, count: records.length }
}

/** What stands in the log for a chunk whose bytes were written to a secret file. */
export function chunkNaming({ id, appendedAt }: SecretName, count: number): EncodedChunk {
  const bytes = Buffer.allocUnsafeSlow(headerBytes + id.length)
  writeHeader(bytes, { format: secretFormat, count, appendedAt })
  id.copy(bytes, headerBytes)
  return { bytes, count }
}

function writeHeader(
  bytes: Buffer,
  header: { readonly format: number; readonly count: number; readonly appendedAt: number },
): void {
  bytes.writeUInt8(header.format, 0)
  bytes.writeUInt32LE(header.count, 1)
  bytes.writeDoubleLE(header.appendedAt, 5)
}

export function readChunk(base: number, bytes: Buffer): Chunk {
  const format = bytes.readUInt8(0)
  if (format !== plainFormat && format !== secretFormat)
    throw new Error('the embedded log was written by another version')
  const appendedAt = bytes.readDoubleLE(5)
  const secret =
    format === secretFormat ? { appendedAt, id: Buffer.from(bytes.subarray(headerBytes)) } : undefined
  return { base, bytes, count: bytes.readUInt32LE(1), appendedAt, secret }
}

/** Goes through a chunk's records in order; keys and values are views of the chunk's bytes. */
export class ChunkCursor {
  readonly chunk: Chunk
  /** Offset of the record that `next` gives. */
  offset: number
  #at = headerBytes

  constructor(chunk: Chunk) {
    this.chunk = chunk
    this.offset = chunk.base
  }

  /** Of a chunk whose records are gone. */
  static behind(chunk: Chunk): ChunkCursor {
    const cursor = new ChunkCursor(chunk)
    cursor.offset = chunk.base + chunk.count
    return cursor
  }

  get isAtEnd(): boolean {
    return this.offset >= this.chunk.base + this.chunk.count
  }

  skipTo(offset: number): void {
    const { bytes } = this.chunk
    for (; this.offset < offset; this.offset++) {
      this.#at +=
        recordHeaderBytes + Math.max(0, bytes.readInt32LE(this.#at)) + bytes.readUInt32LE(this.#at + 4)
    }
  }

  next(): LogRecord {
    const { bytes, appendedAt } = this.chunk
    const keyLength = bytes.readInt32LE(this.#at)
    const keyAt = this.#at + recordHeaderBytes
    const valueAt = keyAt + Math.max(0, keyLength)
    const end = valueAt + bytes.readUInt32LE(this.#at + 4)
    this.#at = end
    return {
      offset: this.offset++,
      key: keyLength < 0 ? null : bytes.subarray(keyAt, valueAt),
      value: bytes.subarray(valueAt, end),
      appendedAt,
    }
  }
}
