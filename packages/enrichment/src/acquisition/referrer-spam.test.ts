import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { referenceFile, titleNeeding } from '../testing.ts'
import { openReferrerSpam } from './referrer-spam.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-spam-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function listOf(text: string) {
  const file = join(folder, 'list.txt')
  await writeFile(file, text)
  return await openReferrerSpam(file)
}

test('without a list nothing is spam', async () => {
  const spam = await openReferrerSpam(undefined)
  expect(spam.size).toBe(0)
  expect(spam.has('https://0-0.fr/')).toBe(false)
})

describe('9.1 a list of hosts', () => {
  test.each([
    ['https://spam.example/x?y', true],
    ['http://www.spam.example', true],
    ['https://SPAM.example', true],
    ['https://qiwi.xyz', true],
    ['https://u@spam.example:8080/', true],
    ['https://a.spam.example', false],
    ['https://notspam.example', false],
    ['https://example', false],
    ['spam.example', false],
    ['', false],
  ])('has the referrer %j: %s', async (referrer, expected) => {
    const spam = await listOf('# hosts\nspam.example\n\nQIWI.xyz # trailing\r\n')
    expect(spam.size).toBe(2)
    expect(spam.has(referrer)).toBe(expected)
  })

  test('with a line that is no host is refused, by its number', async () => {
    await expect(listOf('a.example\nhttps://b.example/\n')).rejects.toThrow(/list\.txt: line 2 is no host$/)
  })
})

test('a missing file is refused in one line', async () => {
  await expect(openReferrerSpam('/nowhere/list.txt')).rejects.toThrow(
    /^referrer spam list \/nowhere\/list\.txt: ENOENT[^\n]*$/,
  )
})

const matomo = 'referrer-spam-hosts.txt'
test.skipIf(referenceFile(matomo) === undefined)(
  titleNeeding([matomo], "reads Matomo's list of 2,347 hosts"),
  async () => {
    const spam = await openReferrerSpam(referenceFile(matomo))
    expect(spam.size).toBe(2347)
    expect(spam.has('https://www.0-0.fr/x')).toBe(true)
    expect(spam.has('https://www.google.com/')).toBe(false)
  },
)

test.skipIf(referenceFile(matomo) === undefined)(
  titleNeeding(
    [matomo],
    '9.1 each of its hosts is spam, with www. too, and no subdomain or parent that it does not name',
  ),
  async () => {
    const file = referenceFile(matomo) ?? ''
    const spam = await openReferrerSpam(file)
    const hosts = (await readFile(file, 'utf8')).trim().split('\n')
    expect(hosts).toHaveLength(2347)
    const listed = new Set(hosts)
    const misses = (urlOf: (host: string) => string, expected: (host: string) => boolean) =>
      hosts.filter((host) => spam.has(urlOf(host)) !== expected(host))
    expect(
      misses(
        (host) => `https://${host}/a?b`,
        () => true,
      ),
    ).toEqual([])
    expect(
      misses(
        (host) => `http://www.${host.toUpperCase()}:80`,
        () => true,
      ),
    ).toEqual([])
    expect(
      misses(
        (host) => `https://sub.${host}/`,
        (host) => listed.has(`sub.${host}`),
      ),
    ).toEqual([])
    expect(
      misses(
        (host) => `https://not${host}/`,
        (host) => listed.has(`not${host}`),
      ),
    ).toEqual([])
    const parent = (host: string) => host.slice(host.indexOf('.') + 1)
    expect(
      misses(
        (host) => `https://${parent(host)}/`,
        (host) => listed.has(parent(host)),
      ),
    ).toEqual([])
    expect(
      misses(
        (host) => host,
        () => false,
      ),
    ).toEqual([])
  },
)
