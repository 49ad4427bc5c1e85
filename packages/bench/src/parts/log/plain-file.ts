import { closeSync, fdatasync, openSync, read, write } from 'node:fs'
import { promisify } from 'node:util'
import type { RecordBatches } from './record-batches.ts'

const [writeTo, syncTo, readFrom] = [promisify(write), promisify(fdatasync), promisify(read)]
const lengthBytes = 4

/** What the disk gives by itself: records behind their lengths in one file, synced batch by batch. */
export class PlainFile {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** Writes the file anew; each batch is one write and one `fdatasync`. */
  async append({ batches }: RecordBatches): Promise<void> {
    const file = openSync(this.#path, 'w')
    try {
      for (const batch of batches) {
        await writeTo(file, framed(batch.map(({ value }) => value)))
        await syncTo(file)
      }
    } finally {
      closeSync(file)
    }
  }

  /** Reads the file in pieces of `pieceBytes`. @returns how many records are in it, and their bytes */
  async read(pieceBytes: number): Promise<{ records: number; bytes: number }> {
    const file = openSync(this.#path, 'r')
    try {
      return await countRecords(
        async (piece) => (await readFrom(file, piece, 0, piece.length, null)).bytesRead,
        pieceBytes,
      )
    } finally {
      closeSync(file)
    }
  }
}

export function framed(values: readonly Buffer[]): Buffer {
  const bytes = Buffer.allocUnsafe(values.reduce((sum, { length }) => sum + lengthBytes + length, 0))
  let at = 0
  for (const value of values) {
    at = bytes.writeUInt32LE(value.length, at)
    at += value.copy(bytes, at)
  }
  return bytes
}

/** @param next fills the buffer from its start and says how far; 0 at the end */
export async function countRecords(
  next: (piece: Buffer) => Promise<number>,
  pieceBytes: number,
): Promise<{ records: number; bytes: number }> {
  const piece = Buffer.allocUnsafe(pieceBytes)
  let [records, bytes] = [0, 0]
  let rest: Buffer = Buffer.alloc(0)
  for (;;) {
    const read = await next(piece)
    if (read === 0) return { records, bytes }
    const here = rest.length === 0 ? piece.subarray(0, read) : Buffer.concat([rest, piece.subarray(0, read)])
    let at = 0
    while (at + lengthBytes <= here.length) {
      const length = here.readUInt32LE(at)
      if (at + lengthBytes + length > here.length) break
      at += lengthBytes + length
      records++
      bytes += length
    }
    rest = Buffer.from(here.subarray(at))
  }
}
