import { gunzipSync, gzipSync } from 'node:zlib'
import lz4 from 'lz4-napi'
import { KafkaProtocolError } from './kafka-error.ts'
import { decompressLz4 } from './lz4-frame.ts'

/** lz4 costs less than none: the checksum, the sockets and the broker's disk see a fifth of the bytes. */
export type Compression = 'none' | 'gzip' | 'lz4'

/** Bits 0 to 2 of a record batch's attributes. */
const codes: Readonly<Record<Compression, number>> = { none: 0, gzip: 1, lz4: 3 }
const codeMask = 0b111

export function compressionCode(compression: Compression): number {
  return codes[compression]
}

export function compress(records: Buffer, compression: Compression): Buffer {
  switch (compression) {
    case 'none':
      return records
    case 'gzip':
      return gzipSync(records)
    case 'lz4':
      return lz4.compressFrameSync(records)
  }
}

/** @returns memory of its own, so that what is kept of it does not keep a whole fetch response (kafka.md, defect 16) */
export function decompress(records: Buffer, attributes: number): Buffer {
  const code = attributes & codeMask
  switch (code) {
    case codes.none:
      return Buffer.from(records)
    case codes.gzip:
      return gunzipSync(records)
    case codes.lz4:
      return decompressLz4(records)
    default:
      throw new KafkaProtocolError('UNSUPPORTED_COMPRESSION_TYPE', `compression ${code} cannot be read`)
  }
}
