/** Real files that change, are damaged, go and come back. */
import { mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WatchedData } from './watched-data.ts'

let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-watched-'))
  file = join(folder, 'data')
  await writeFile(file, 'one')
})
afterEach(() => rm(folder, { recursive: true }))

const open = (): Promise<WatchedData<string>> =>
  WatchedData.open(
    () => Promise.resolve([file]),
    async () => {
      const text = await readFile(file, 'utf8')
      if (text === 'bad') throw new Error('it is bad')
      return text
    },
  )

/** What two looks in a row end with: the second reads what the first has seen. */
async function lookTwice(data: WatchedData<string>): Promise<string> {
  await data.look()
  const { kind } = await data.look()
  return `${kind} ${data.current}`
}

test('an unchanged file is not read again', async () => {
  expect(await lookTwice(await open())).toBe('same one')
})

test('a change counts when a second look finds it unchanged', async () => {
  const data = await open()
  await writeFile(file, 'two')
  expect((await data.look()).kind).toBe('same')
  expect(data.current).toBe('one')
  expect((await data.look()).kind).toBe('reloaded')
  expect(data.current).toBe('two')
  expect((await data.look()).kind).toBe('same')
})

test('a file that is still being written is left to its writer', async () => {
  const data = await open()
  for (const text of ['tw', 'two ', 'two thr']) {
    await writeFile(file, text)
    expect((await data.look()).kind).toBe('same')
  }
  expect((await data.look()).kind).toBe('reloaded')
  expect(data.current).toBe('two thr')
})

test('a replacement of the same size and time is a change', async () => {
  const data = await open()
  const time = new Date(1_000_000)
  await utimes(file, time, time)
  await lookTwice(data)
  await writeFile(`${file}.new`, 'two')
  await utimes(`${file}.new`, time, time)
  await rename(`${file}.new`, file)
  expect(await lookTwice(data)).toBe('reloaded two')
})

test('a version that cannot be used is refused once, the one before kept, and the next one taken', async () => {
  const data = await open()
  await writeFile(file, 'bad')
  await data.look()
  const look = await data.look()
  expect(look).toMatchObject({ kind: 'refused', error: { message: 'it is bad' } })
  expect(await lookTwice(data)).toBe('same one')
  await writeFile(file, 'three')
  expect(await lookTwice(data)).toBe('reloaded three')
})

test('a file that is gone is refused once, and taken when it is back', async () => {
  const data = await open()
  await rm(file)
  expect(await lookTwice(data)).toBe('refused one')
  expect(await lookTwice(data)).toBe('same one')
  await writeFile(file, 'back')
  expect(await lookTwice(data)).toBe('reloaded back')
})

test('the first version is not refused but thrown', async () => {
  await writeFile(file, 'bad')
  await expect(open()).rejects.toThrow('it is bad')
})
