import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { ByteWriter } from './byte-writer.ts'
import { NativeBlock } from './native-block.ts'
import { passBlocks, type ResultBlock } from './result-blocks.ts'
import type { Table } from './table.ts'

interface Row {
  readonly site: string
  readonly path: string
  readonly seconds: number
  readonly partition: number
  readonly flag: number
}

const table: Table<Row> = {
  name: 'rows',
  columns: [
    { name: 'site', type: 'LowCardinality(String)', read: (row) => row.site },
    { name: 'path', type: 'String', read: (row) => row.path },
    { name: 'seconds', type: "DateTime('UTC')", read: (row) => row.seconds },
    { name: 'partition', type: 'UInt16', read: (row) => row.partition },
    { name: 'flag', type: 'UInt8', read: (row) => row.flag },
  ],
}

function someRows(count: number): Row[] {
  return Array.from({ length: count }, (_, index) => ({
    site: `site${index % 300}.example`,
    path: index % 7 === 0 ? 'é'.repeat(200) : '',
    seconds: 4_294_967_295 - index,
    partition: index % 65_536,
    flag: index % 2,
  }))
}

function encoded(...blocks: readonly Row[][]): Buffer {
  const bytes = blocks.map((rows) => {
    const writer = new ByteWriter(10_000_000)
    const block = new NativeBlock(table)
    block.append(rows)
    block.writeTo(writer)
    return Buffer.from(writer.written())
  })
  return Buffer.concat(bytes)
}

async function* inChunks(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += length) {
    await setImmediate()
    // Memory that is used again, as a socket's may be.
    yield Buffer.from(bytes.subarray(start, start + length))
  }
}

async function read(chunks: AsyncIterable<Uint8Array>): Promise<{ rows: Row[]; blocks: ResultBlock[] }> {
  const rows: Row[] = []
  const blocks: ResultBlock[] = []
  await passBlocks(chunks, (block) => {
    blocks.push(block)
    const [site, path] = [block.texts('site'), block.texts('path')]
    const [seconds, partition, flag] = [
      block.numbers('seconds'),
      block.numbers('partition'),
      block.numbers('flag'),
    ]
    for (let row = 0; row < block.rows; row++) {
      rows.push({
        site: site[row]!,
        path: path[row]!,
        seconds: seconds[row]!,
        partition: partition[row]!,
        flag: flag[row]!,
      })
    }
  })
  return { rows, blocks }
}

describe('blocks of a result', () => {
  it.each([1, 7, 1_000, 1_000_000])(
    'are the rows that were written, in chunks of %i bytes',
    async (length) => {
      const [first, second] = [someRows(400), someRows(3)]
      const { rows, blocks } = await read(inChunks(encoded(first, second), length))
      expect(rows).toEqual([...first, ...second])
      expect(blocks.map((block) => block.rows)).toEqual([400, 3])
    },
  )

  it('have dictionaries of more than 256 and more than 65,536 values', async () => {
    const rows = someRows(70_000).map((row, index) => ({ ...row, path: '', site: `site ${index}` }))
    expect((await read(inChunks(encoded(rows), 65_536))).rows).toEqual(rows)
  })

  it('are none for no bytes', async () => {
    expect((await read(inChunks(Buffer.alloc(0), 1))).blocks).toEqual([])
  })

  it.each([1, 20, 1_000, 9_999])('are refused when %i bytes are missing at their end', async (missing) => {
    const bytes = encoded(someRows(400))
    await expect(read(inChunks(bytes.subarray(0, bytes.length - missing), 512))).rejects.toThrow('ends')
  })

  it('name a column that is not there, and a type that is not read', async () => {
    const chunks = () => inChunks(encoded(someRows(1)), 100)
    const wrong = (ask: (block: ResultBlock) => unknown) => passBlocks(chunks(), ask)
    await expect(wrong((block) => block.texts('seconds'))).rejects.toThrow('no text column seconds')
    await expect(wrong((block) => block.numbers('site'))).rejects.toThrow('no number column site')
    const writer = new ByteWriter(1_000)
    const column = { name: 'id', type: 'Int64', read: () => 1 } as const
    const block = new NativeBlock({ name: 'ids', columns: [column] })
    block.append([1])
    block.writeTo(writer)
    await expect(read(inChunks(writer.written(), 100))).rejects.toMatchObject({
      code: 'STATEMENT_REFUSED',
      retriable: false,
    })
  })
})
