import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { LineSplitter, type SourceLine } from './import-lines.ts'

const readBytes = 256 * 1024

/** A file of captured requests, plain or gzip, known by what it holds. Places count unzipped bytes. */
export class ImportSource {
  readonly name: string
  /** SHA-256 of the content, unzipped, hex. */
  readonly hash: string
  /** Bytes, unzipped. */
  readonly size: number
  readonly #file: OpenedFile

  private constructor(file: OpenedFile, content: { readonly hash: string; readonly size: number }) {
    this.name = basename(file.path)
    this.hash = content.hash
    this.size = content.size
    this.#file = file
  }

  /** Reads the file once, to know it again. @throws Error that names the file */
  static async open(path: string): Promise<ImportSource> {
    const file = await openFile(path)
    try {
      const hash = createHash('sha256')
      let size = 0
      for await (const chunk of contentOf(file, 0)) {
        hash.update(chunk)
        size += chunk.length
      }
      await refuseChanged(file)
      return new ImportSource(file, { hash: hash.digest('hex'), size })
    } catch (error) {
      await file.handle.close()
      throw error
    }
  }

  /**
   * The lines from a place on, in order.
   * @param from.lines lines before `from.position`
   * @throws Error at the end, when the file has changed since it was opened
   */
  async *lines(
    from: { readonly position: number; readonly lines: number },
    lineBytesMax: number,
  ): AsyncGenerator<SourceLine> {
    const splitter = new LineSplitter({ ...from, lineBytesMax })
    for await (const chunk of contentOf(this.#file, from.position)) yield* splitter.push(chunk)
    await refuseChanged(this.#file)
    yield* splitter.end()
  }

  async close(): Promise<void> {
    await this.#file.handle.close()
  }
}

interface OpenedFile {
  readonly path: string
  readonly handle: FileHandle
  readonly isGzip: boolean
  /** Size and times as they were at first. */
  readonly mark: string
}

async function openFile(path: string): Promise<OpenedFile> {
  const handle = await open(path).catch((cause: unknown) => {
    throw new Error(`${path} cannot be read`, { cause })
  })
  try {
    if (!(await handle.stat()).isFile()) {
      throw new Error(`${path} is no file; an import is known, and goes on, by the file's content`)
    }
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0)
    const isGzip = bytesRead === 2 && buffer.readUInt16BE() === 0x1f8b
    return { path, handle, isGzip, mark: await markOf(handle) }
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** What a gzip file holds can only be reached from its beginning; of a plain one the rest is read. */
async function* contentOf(file: OpenedFile, position: number): AsyncGenerator<Buffer> {
  if (!file.isGzip) {
    yield* bytesOf(file, position)
    return
  }
  const unzipped = createGunzip({ chunkSize: readBytes })
  pipeline(Readable.from(bytesOf(file, 0)), unzipped, () => undefined) // its error is thrown by the loop
  let passed = 0
  try {
    for await (const chunk of unzipped as AsyncIterable<Buffer>) {
      const skipped = Math.min(chunk.length, Math.max(0, position - passed))
      passed += chunk.length
      if (skipped < chunk.length) yield chunk.subarray(skipped)
    }
  } catch (cause) {
    throw new Error(`${file.path} is no whole gzip file`, { cause })
  }
}

async function* bytesOf({ handle }: OpenedFile, start: number): AsyncGenerator<Buffer> {
  for (let position = start; ;) {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafeSlow(readBytes), 0, readBytes, position)
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
    position += bytesRead
  }
}

async function refuseChanged({ path, handle, mark }: OpenedFile): Promise<void> {
  if ((await markOf(handle)) !== mark) throw new Error(`${path} has changed while it was read`)
}

async function markOf(handle: FileHandle): Promise<string> {
  const { size, mtimeNs } = await handle.stat({ bigint: true })
  return `${size} ${mtimeNs}`
}
