import { createHash } from 'node:crypto'
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ImportSource } from './import-source.ts'

const lineBytesMax = 1_000_000
const content = Array.from({ length: 50_000 }, (_, index) => `{"line":${index + 1}}\n`).join('')

describe('ImportSource', () => {
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-import-'))
  })
  afterAll(() => rm(directory, { recursive: true }))

  const aFile = async (name: string, bytes: string | Buffer): Promise<string> => {
    const path = join(directory, name)
    await writeFile(path, bytes)
    return path
  }
  const linesOf = async (source: ImportSource, from = { position: 0, lines: 0 }): Promise<string[]> => {
    const lines: string[] = []
    for await (const { number, start, bytes } of source.lines(from, lineBytesMax)) {
      lines.push(`${number} ${start} ${String(bytes)}`)
    }
    return lines
  }

  it.each([
    ['plain', content],
    ['gzip', gzipSync(content)],
    ['gzip of two members', Buffer.concat([gzipSync(content.slice(0, 777)), gzipSync(content.slice(777))])],
  ])('knows a %s file by what it holds, and reads its lines from any place on', async (name, bytes) => {
    const source = await ImportSource.open(await aFile(`${name}.ndjson`, bytes))
    expect(source).toMatchObject({ name: `${name}.ndjson`, size: content.length })
    expect(source.hash).toBe(createHash('sha256').update(content).digest('hex'))
    const lines = await linesOf(source)
    expect(lines.length).toBe(50_000)
    const rest = content.indexOf('{"line":30001}')
    expect(await linesOf(source, { position: rest, lines: 30_000 })).toEqual(lines.slice(30_000))
    await source.close()
  })

  it('can be left in the middle', async () => {
    const source = await ImportSource.open(await aFile('left.ndjson.gz', gzipSync(content)))
    for await (const { number } of source.lines({ position: 0, lines: 0 }, lineBytesMax))
      if (number === 5) break
    expect((await linesOf(source)).length).toBe(50_000)
    await source.close()
  })

  it('refuses a gzip file that is cut off before anything is sent', async () => {
    const path = await aFile('cut.gz', gzipSync(content).subarray(0, 5_000))
    await expect(ImportSource.open(path)).rejects.toThrow('cut.gz is no whole gzip file')
  })

  it.each([
    ['a directory', '', 'is no file'],
    ['nothing', 'missing.ndjson', 'missing.ndjson cannot be read'],
  ])('refuses %s', async (_, name, message) => {
    await expect(ImportSource.open(join(directory, name))).rejects.toThrow(message)
  })

  it('does not end in peace when the file has changed meanwhile', async () => {
    const path = await aFile('growing.ndjson', content)
    const source = await ImportSource.open(path)
    await appendFile(path, '{"line":50001}\n')
    await expect(linesOf(source)).rejects.toThrow('growing.ndjson has changed while it was read')
    await source.close()
  })
})
