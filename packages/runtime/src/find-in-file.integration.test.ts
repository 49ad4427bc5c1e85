import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findInFile } from './find-in-file.ts'

describe('findInFile', () => {
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-find-'))
  })
  afterAll(() => rm(directory, { recursive: true }))

  async function finds(content: string, needles: readonly string[], windowBytes: number): Promise<string[]> {
    const path = join(directory, 'file')
    await writeFile(path, content)
    const found: string[] = []
    const wanted = needles.map((needle) => Buffer.from(needle))
    for await (const { needle, at } of findInFile(path, wanted, { windowBytes })) {
      found.push(`${needle.toString()}@${at}`)
    }
    return found.toSorted()
  }

  /** The plain way. */
  function expected(content: string, needles: readonly string[]): string[] {
    return needles
      .flatMap((needle) =>
        Array.from(content, (_, at) => (content.startsWith(needle, at) ? [`${needle}@${at}`] : [])).flat(),
      )
      .toSorted()
  }

  const content = 'abcabcababcabcxxaabbccabcabcabcabxxxxxxxxxxxxxxabc'
  it.each(Array.from({ length: 20 }, (_, index) => index + 1))(
    'finds every place once, also across windows of %i bytes',
    async (windowBytes) => {
      for (const needles of [['abc'], ['a', 'cab', 'xxxx'], ['abcabcabcab', 'c'], ['nowhere', 'xxa']]) {
        expect(await finds(content, needles, windowBytes)).toEqual(expected(content, needles))
      }
    },
  )

  it('finds nothing in an empty file, or with a needle longer than the file', async () => {
    expect(await finds('', ['a'], 4)).toEqual([])
    expect(await finds('ab', ['abc'], 4)).toEqual([])
  })
})
