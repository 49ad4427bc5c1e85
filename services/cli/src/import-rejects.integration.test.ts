import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RejectsFile } from './import-rejects.ts'

const reject = (line: number) => ({ line, cause: 'not_json', message: 'expected a JSON object in UTF-8' })

describe('RejectsFile', () => {
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-rejects-'))
  })
  afterAll(() => rm(directory, { recursive: true }))

  const lines = async (path: string): Promise<number[]> => {
    const text = await readFile(path, 'utf8')
    return text
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { line: number }).line)
  }

  it('is not there without a rejected line, whatever an earlier import has left', async () => {
    const path = join(directory, 'none')
    await writeFile(path, 'of another import')
    await (await RejectsFile.open(path, 0)).close()
    await expect(readFile(path)).rejects.toThrow('ENOENT')
  })

  it('goes on behind what was saved, without what was written after that', async () => {
    const path = join(directory, 'resumed')
    const first = await RejectsFile.open(path, 0)
    const saved = await first.write([reject(1), reject(2)])
    await first.write([reject(3)])
    await first.close()
    const second = await RejectsFile.open(path, saved)
    await second.write([reject(3), reject(4)])
    await second.close()
    expect(await lines(path)).toEqual([1, 2, 3, 4])
  })

  it('begins anew where the earlier part is gone', async () => {
    const path = join(directory, 'moved')
    const rejects = await RejectsFile.open(path, 500)
    expect(await rejects.write([reject(9)])).toBe(Buffer.byteLength(await readFile(path)))
    await rejects.close()
    expect(await lines(path)).toEqual([9])
  })

  it('says how to go on where it cannot be written', async () => {
    const rejects = await RejectsFile.open(join(directory, 'no', 'such', 'place'), 0)
    await expect(rejects.write([reject(1)])).rejects.toThrow('--rejects PATH names another place')
  })
})
