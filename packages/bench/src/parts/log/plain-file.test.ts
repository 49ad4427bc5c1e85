import { expect, it } from 'vitest'
import { countRecords, framed } from './plain-file.ts'

it.each([5, 7, 64])('counts the records it framed, read in pieces of %i bytes', async (pieceBytes) => {
  const bytes = framed(['a', '', 'ccc', 'dddddddddddd'].map((text) => Buffer.from(text)))
  let at = 0
  const next = (piece: Buffer): Promise<number> => {
    const read = bytes.copy(piece, 0, at)
    at += read
    return Promise.resolve(read)
  }
  expect(await countRecords(next, pieceBytes)).toEqual({ records: 4, bytes: 16 })
})
