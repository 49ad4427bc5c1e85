import kafkajs from 'kafkajs'
import lz4 from 'lz4-napi'

/** kafkajs brings gzip alone: the topics are written with lz4, so it gets the codec that Millrace has. */
export function teachLz4(): void {
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.LZ4] = () => ({
    compress: ({ buffer }: { readonly buffer: Buffer }) => Promise.resolve(lz4.compressFrameSync(buffer)),
    decompress: (buffer: Buffer) => Promise.resolve(lz4.decompressFrameSync(buffer)),
  })
}
