import { open, rm, stat, type FileHandle } from 'node:fs/promises'
import type { Reject } from './import-sender.ts'

/** The lines that gave no events, as NDJSON; the file is made with the first one. */
export class RejectsFile {
  readonly path: string
  #file: FileHandle | undefined
  #bytes = 0

  private constructor(path: string) {
    this.path = path
  }

  /**
   * @param keepBytes of the file that an earlier run has left: what it wrote behind them is written again. 0 begins anew.
   */
  static async open(path: string, keepBytes: number): Promise<RejectsFile> {
    const rejects = new RejectsFile(path)
    const found = await stat(path).catch(() => undefined)
    if (keepBytes > 0 && found !== undefined && found.size >= keepBytes) {
      rejects.#file = await open(path, 'r+')
      await rejects.#file.truncate(keepBytes)
      rejects.#bytes = keepBytes
    } else await rm(path, { force: true })
    return rejects
  }

  /** Bytes of the file. */
  get bytes(): number {
    return this.#bytes
  }

  /** @returns bytes of the file now */
  async write(rejects: readonly Reject[]): Promise<number> {
    this.#file ??= await open(this.path, 'wx').catch((cause: unknown) => {
      throw new Error(`${this.path} cannot be written; --rejects PATH names another place`, { cause })
    })
    const text = rejects.map((reject) => `${JSON.stringify(reject)}\n`).join('')
    const { bytesWritten } = await this.#file.write(text, this.#bytes)
    this.#bytes += bytesWritten
    return this.#bytes
  }

  async close(): Promise<void> {
    await this.#file?.close()
  }
}
