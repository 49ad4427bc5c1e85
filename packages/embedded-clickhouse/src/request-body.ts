/** A request's body: decompressed, its first part looked at, the rest written to a file. */
import { randomUUID } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { pipeline, type Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { EngineError } from './engine-error.ts'

export class RequestBody {
  readonly #chunks: AsyncIterator<Buffer>
  #head: Buffer = Buffer.alloc(0)
  #isWhole = false

  /** @throws EngineError on an encoding that is not gzip, deflate or br */
  constructor(request: IncomingMessage) {
    this.#chunks = decoded(request)[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  }

  /** The first bytes, at least `bytesMin` or all there are. */
  async readHead(bytesMin: number): Promise<{ readonly bytes: Buffer; readonly isWhole: boolean }> {
    const parts = [this.#head]
    let size = this.#head.length
    while (size < bytesMin && !this.#isWhole) {
      const chunk = await this.#next()
      if (chunk === undefined) break
      parts.push(chunk)
      size += chunk.length
    }
    this.#head = Buffer.concat(parts, size)
    return { bytes: this.#head, isWhole: this.#isWhole }
  }

  /**
   * Writes the body from byte `from` of the head on to a new file, after `first`.
   * @returns the file; remove it when it was used
   * @throws EngineError when there are more than `bytesMax`; whatever breaks the request
   */
  async toFile(
    options: { readonly directory: string; readonly bytesMax: number },
    first: Buffer,
  ): Promise<{ readonly path: string; readonly bytes: number; remove(): Promise<void> }> {
    const path = `${options.directory}/${randomUUID()}`
    const remove = () => rm(path, { force: true })
    const file = await open(path, 'wx', 0o600)
    let bytes = 0
    try {
      for (let chunk: Buffer | undefined = first; chunk !== undefined; chunk = await this.#next()) {
        bytes += chunk.length
        if (bytes > options.bytesMax) throw tooLarge(options.bytesMax)
        await writeWhole(file, chunk)
      }
    } catch (error) {
      await file.close()
      await remove()
      throw error
    }
    await file.close()
    return { path, bytes, remove }
  }

  async #next(): Promise<Buffer | undefined> {
    if (this.#isWhole) return undefined
    const next = await this.#chunks.next()
    if (next.done !== true) return next.value
    this.#isWhole = true
    return undefined
  }
}

async function writeWhole(file: Awaited<ReturnType<typeof open>>, chunk: Buffer): Promise<void> {
  for (let written = 0; written < chunk.length;) {
    written += (await file.write(chunk, written)).bytesWritten
  }
}

function decoded(request: IncomingMessage): Readable {
  const decoder = decoderOf(request.headers['content-encoding'] ?? 'identity')
  if (decoder === undefined) return request
  return pipeline(request, decoder, () => undefined)
}

function decoderOf(encoding: string) {
  switch (encoding) {
    case 'identity':
    case '':
      return undefined
    case 'gzip':
    case 'x-gzip':
      return createGunzip()
    case 'deflate':
      return createInflate()
    case 'br':
      return createBrotliDecompress()
    default:
      throw new EngineError(89, 'UNKNOWN_COMPRESSION_METHOD', `Unknown compression method ${encoding}`, 400)
  }
}

export function tooLarge(bytesMax: number): EngineError {
  return new EngineError(
    307,
    'TOO_MANY_BYTES',
    `The request is larger than the limit of ${bytesMax} bytes`,
    413,
  )
}
