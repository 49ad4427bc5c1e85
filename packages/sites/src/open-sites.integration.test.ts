import { mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OptionsError } from '@millrace/runtime'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openSites, type OpenSites, type SitesReloaded } from './open-sites.ts'

const pollMs = 10
const sitesOf = (...domains: string[]) => JSON.stringify({ sites: domains.map((domain) => ({ domain })) })

let directory: string
let file: string
let reloads: SitesReloaded[]
let refusals: string[]
let opened: OpenSites | undefined

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-sites-'))
  file = join(directory, 'sites.json')
  reloads = []
  refusals = []
})

afterEach(async () => {
  await opened?.close()
  opened = undefined
  await rm(directory, { recursive: true })
})

async function open(given: string | undefined = file): Promise<OpenSites> {
  opened = await openSites({
    file: given,
    onReload: (info) => reloads.push(info),
    onRefused: (error) => refusals.push(error.message),
    pollMs,
  })
  return opened
}

const accepted = (sites: OpenSites) =>
  sites
    .current()
    .sites.map(({ domain }) => domain)
    .join()
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 15_000, interval: 5 })

/** Looks several times more, so that what must not happen had the chance to. */
async function severalLooks(): Promise<void> {
  const marker = join(directory, 'marker.json')
  const seen: SitesReloaded[] = []
  await writeFile(marker, sitesOf('0'))
  const options = {
    file: marker,
    onReload: (info: SitesReloaded) => seen.push(info),
    onRefused: () => undefined,
    pollMs,
  }
  const other = await openSites(options)
  for (const round of [1, 2, 3, 4]) {
    await writeFile(marker, sitesOf(String(round)))
    await eventually(() => expect(accepted(other)).toBe(String(round)))
  }
  await other.close()
}

describe('openSites', () => {
  it('accepts every site without a file', async () => {
    const sites = await openSites({ file: undefined, onReload: () => undefined, onRefused: () => undefined })
    expect(sites.current()).toMatchObject({ acceptsAll: true })
    await sites.close()
  })

  it.each<[string, string | undefined, RegExp]>([
    ['missing', undefined, /^SITES_FILE .+sites\.json: cannot be read: ENOENT/],
    ['not JSON', '{', /^SITES_FILE .+sites\.json: is not JSON/],
    ['empty', '', /^SITES_FILE .+sites\.json: is not JSON/],
    ['wrong', '{"sites":[{}]}', /^SITES_FILE .+sites\.json: sites\[0\]\.domain: /],
  ])('refuses to start with a file that is %s, in one line', async (_, text, expected) => {
    if (text !== undefined) await writeFile(file, text)
    const error: unknown = await open().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(OptionsError)
    expect((error as Error).message).toMatch(expected)
    expect((error as Error).message).not.toContain('\n')
  })

  it('takes a new version written in place, and says so once', async () => {
    await writeFile(file, sitesOf('a'))
    const sites = await open()
    expect(accepted(sites)).toBe('a')
    await writeFile(file, sitesOf('a', 'b'))
    await eventually(() => expect(accepted(sites)).toBe('a,b'))
    await severalLooks()
    expect(reloads.at(-1)).toEqual({ file, sites: 2 })
    // A write in place can be seen half done, as an empty file; that is refused, and what follows is one reload.
    expect(reloads).toHaveLength(1)
  })

  it('takes a version of the same size', async () => {
    await writeFile(file, sitesOf('a'))
    const sites = await open()
    for (const name of ['b', 'c', 'd', 'e', 'f', 'g']) {
      await writeFile(file, sitesOf(name))
      await eventually(() => expect(accepted(sites)).toBe(name))
    }
  })

  it('takes a version put in place by a rename', async () => {
    await writeFile(file, sitesOf('a'))
    const sites = await open()
    await writeFile(`${file}.new`, sitesOf('b'))
    await rename(`${file}.new`, file)
    await eventually(() => expect(accepted(sites)).toBe('b'))
    expect(refusals).toEqual([])
  })

  it('takes a version that a link now points to', async () => {
    const [first, second] = [join(directory, '1.json'), join(directory, '2.json')]
    await writeFile(first, sitesOf('a'))
    await writeFile(second, sitesOf('b'))
    await symlink(first, file)
    const sites = await open()
    await symlink(second, `${file}.new`)
    await rename(`${file}.new`, file)
    await eventually(() => expect(accepted(sites)).toBe('b'))
  })

  it('keeps the old version when the new one is bad, says why once, and takes the next good one', async () => {
    await writeFile(file, sitesOf('a'))
    const sites = await open()
    const before = sites.current()
    await writeFile(`${file}.new`, '{"sites":[{"domain":"b","bot":1}]}')
    await rename(`${file}.new`, file)
    await eventually(() => expect(refusals).toHaveLength(1))
    await severalLooks()
    expect(refusals).toEqual([`SITES_FILE ${file}: sites[0]: unknown key "bot" (line 1, column 25)`])
    expect(sites.current()).toBe(before)
    expect(reloads).toEqual([])

    await writeFile(`${file}.new`, sitesOf('c'))
    await rename(`${file}.new`, file)
    await eventually(() => expect(accepted(sites)).toBe('c'))
    expect(reloads).toEqual([{ file, sites: 1 }])
  })

  it('reports each bad version, even with the same fault', async () => {
    await writeFile(file, sitesOf('a'))
    await open()
    for (const [index, text] of ['{"x":1}', '{"x":22}'].entries()) {
      await writeFile(`${file}.new`, text)
      await rename(`${file}.new`, file)
      await eventually(() => expect(refusals).toHaveLength(index + 1))
    }
  })

  it('keeps the old version while the file is gone, says so once, and takes it when it is back', async () => {
    await writeFile(file, sitesOf('a'))
    const sites = await open()
    await rm(file)
    await eventually(() => expect(refusals).toHaveLength(1))
    await severalLooks()
    expect(refusals).toHaveLength(1)
    expect(refusals[0]).toMatch(/cannot be read: ENOENT/)
    expect(accepted(sites)).toBe('a')

    await writeFile(`${file}.new`, sitesOf('b'))
    await rename(`${file}.new`, file)
    await eventually(() => expect(accepted(sites)).toBe('b'))
  })

  it('says so when the file is back unchanged', async () => {
    await writeFile(file, sitesOf('a'))
    await open()
    await rename(file, `${file}.away`)
    await eventually(() => expect(refusals).toHaveLength(1))
    await rename(`${file}.away`, file)
    await eventually(() => expect(reloads).toEqual([{ file, sites: 1 }]))
  })

  it('looks no more once closed', async () => {
    await writeFile(file, sitesOf('a'))
    const sites = await open()
    await sites.close()
    await writeFile(file, sitesOf('b'))
    await severalLooks()
    expect(accepted(sites)).toBe('a')
    expect(reloads).toEqual([])
  })
})
