import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { iabFileBytesMax, openIabList } from './open-iab-list.ts'

const now = Date.UTC(2026, 10, 21)
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iab-'))
  await writeFile(join(folder, 'include.txt'), '# browsers\nmozilla/|1|1|\r\n')
  await writeFile(join(folder, 'exclude.txt'), 'acmewatch|1|acmewatch pro||2|0|\n')
  await writeFile(join(folder, 'ip.txt'), '192.0.2.0/24\n')
  await writeFile(join(folder, 'bad.txt'), 'acmewatch|maybe\n')
  await writeFile(join(folder, 'large.txt'), '')
  await truncate(join(folder, 'large.txt'), iabFileBytesMax + 1)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const open = (browsers?: string, robots?: string, addresses?: string) => {
  const path = (name: string | undefined) => (name === undefined ? undefined : join(folder, name))
  return openIabList({ browsers: path(browsers), robots: path(robots), addresses: path(addresses) }, now)
}

test('reads the three files', async () => {
  const list = await open('include.txt', 'exclude.txt', 'ip.txt')
  expect(list?.userAgentReason('Mozilla/5.0 AcmeWatch')).toBe('iab:robot')
  expect(list?.userAgentReason('Mozilla/5.0 AcmeWatch Pro')).toBeUndefined()
  expect(list?.userAgentReason('Opera')).toBe('iab:unlisted')
  expect(list?.addressReason('192.0.2.1')).toBe('iab:address')
})

test('does without addresses', async () => {
  const list = await open('include.txt', 'exclude.txt')
  expect(list?.addressReason('192.0.2.1')).toBeUndefined()
})

test('there is no list without files', async () => {
  expect(await open()).toBeUndefined()
})

test.each([
  ['browsers alone', ['include.txt'], 'the files of browsers and robots are needed together'],
  ['robots alone', [undefined, 'exclude.txt'], 'the files of browsers and robots are needed together'],
  ['addresses alone', [undefined, undefined, 'ip.txt'], 'are needed together'],
  ['a file that is not there', ['include.txt', 'none.txt'], 'ENOENT'],
  ['a file in another form', ['include.txt', 'bad.txt'], 'IAB/ABC list: robots, line 1: expected 0 or 1'],
  ['a file that is too large', ['include.txt', 'large.txt'], `at most ${iabFileBytesMax}`],
])('refuses %s with one line', async (_, files, message) => {
  const [browsers, robots, addresses] = files
  await expect(open(browsers, robots, addresses)).rejects.toThrow(message)
  await expect(open(browsers, robots, addresses)).rejects.not.toThrow('\n')
})
