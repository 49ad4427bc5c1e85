/** Databases and lists that change while events come. */
import { copyFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { aRawEvent } from '@millrace/events/testing'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createEnricher, rulesVersion } from '../enrich.ts'
import { referenceFile, titleNeeding } from '../testing.ts'
import type { PlaceNames } from './geo-record.ts'
import { openGeo, openWatchedGeo, type GeoFiles, type WatchedGeo } from './open-geo.ts'
import { openPlaceNames } from './place-names.ts'

const databases = ['GeoIP2-City-Test', 'GeoLite2-City-Test', 'GeoLite2-ASN-Test', 'GeoIP2-Anonymous-IP-Test']
const needed = databases.map((name) => `geo/${name}.mmdb`)
const given = (name: string): string => referenceFile(`geo/${name}.mmdb`) ?? `missing ${name}`
const isMissing = needed.some((name) => referenceFile(name) === undefined)

let folder: string
const path = (name: string): string => join(folder, name)
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-watched-geo-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe.skipIf(isMissing)(titleNeeding(needed, 'while events come'), () => {
  let opened: WatchedGeo | undefined
  let names: PlaceNames
  beforeAll(async () => {
    names = await openPlaceNames()
  })
  const reloads: string[] = []
  const refusals: string[] = []
  const open = async (files: GeoFiles): Promise<WatchedGeo> => {
    opened = await openWatchedGeo(
      { cityDb: given('GeoIP2-City-Test'), asnDb: given('GeoLite2-ASN-Test'), names, ...files },
      {
        onReload: (version) => reloads.push(version),
        onRefused: ({ message }) => refusals.push(message),
        pollMs: 20,
      },
    )
    return opened
  }
  /** As operators do: beside, then renamed over. */
  const replace = async (name: string, content: string | Buffer): Promise<void> => {
    await writeFile(path(`${name}.new`), content)
    await rename(path(`${name}.new`), path(name))
  }
  beforeEach(() => {
    reloads.length = 0
    refusals.length = 0
  })
  afterEach(async () => {
    await opened?.close()
    opened = undefined
  })

  test('a new city database answers, and every event from then on says so', async () => {
    await copyFile(given('GeoLite2-City-Test'), path('city.mmdb'))
    const { geo } = await open({ cityDb: path('city.mmdb') })
    const enrich = createEnricher({ geo })
    const context = { rawOffset: 1, salt: Buffer.alloc(16), previousSalt: Buffer.alloc(16) }
    const event = aRawEvent({ ip: '2.125.160.216' })
    const before = enrich(event, context)
    expect(before.enrichmentVersion).toBe(`${geo.version} rules=${rulesVersion}`)
    // The same database, built on another day: the last byte of the build time, at the end of the metadata.
    const bytes = await readFile(path('city.mmdb'))
    const at = bytes.lastIndexOf('build_epoch') + 'build_epoch'.length
    const size = (bytes[at] ?? 0) & 0x1f
    bytes[at + 2 + size - 3] = (bytes[at + 2 + size - 3] ?? 0) ^ 0x40
    await replace('city.mmdb', bytes)
    await vi.waitFor(() => {
      expect(reloads).toHaveLength(1)
    })
    const after = enrich(event, context)
    expect(after.enrichmentVersion).not.toBe(before.enrichmentVersion)
    expect(after.enrichmentVersion).toBe(`${reloads[0]} rules=${rulesVersion}`)
    expect(after.city).toBe(before.city)
    expect(refusals).toEqual([])
  })

  test.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 5_000)],
    [
      'cut in the middle',
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -6_000), bytes.subarray(-3_000)]),
    ],
    ['something else', () => Buffer.from('<html>quota exceeded</html>')],
    ['empty', () => Buffer.alloc(0)],
  ])('one that is %s is refused once, and the old one answers on', async (_, damage) => {
    const whole = await readFile(given('GeoIP2-City-Test'))
    await writeFile(path('city.mmdb'), whole)
    const { geo } = await open({ cityDb: path('city.mmdb') })
    const { version } = geo
    await replace('city.mmdb', damage(whole))
    await vi.waitFor(() => {
      expect(refusals).toEqual([expect.stringMatching(/^geo database .*city\.mmdb cannot be used: [^\n]+$/)])
    })
    expect(geo.lookup('2.125.160.216')).toMatchObject({ country: 'GB', city: 'Boxford' })
    expect(geo.version).toBe(version)
    await replace('city.mmdb', whole)
    await vi.waitFor(() => {
      expect(reloads).toEqual([version])
    })
    expect(refusals).toHaveLength(1)
  })

  test('lists give classes beside the anonymous database, and change with their files', async () => {
    await writeFile(path('drop.txt'), '; list\n81.2.69.0/24 ; SBL1\n')
    await writeFile(path('clouds.json'), '{"prefixes":[{"ip_prefix":"2.125.160.0/24"}]}')
    const { geo } = await open({
      anonymousDb: given('GeoIP2-Anonymous-IP-Test'),
      classLists: `threat=${path('drop.txt')}, datacenter=${path('clouds.json')}`,
    })
    expect(geo.version).toMatch(/ anonymous=\d{4}-\d\d-\d\d lists=\d{4}-\d\d-\d\d$/)
    expect(geo.classes('81.2.69.142')).toEqual(['datacenter', 'vpn', 'tor', 'proxy', 'threat'])
    expect(geo.classes('2.125.160.216')).toEqual(['datacenter'])
    await replace('clouds.json', '{"prefixes":[{"ip_prefix":"89.160.20.0/24"}]}')
    await vi.waitFor(() => {
      expect(reloads).toHaveLength(1)
    })
    expect(geo.classes('2.125.160.216')).toEqual([])
    expect(geo.classes('89.160.20.112')).toEqual(['datacenter'])
    await replace('drop.txt', '<html>')
    await vi.waitFor(() => {
      expect(refusals).toEqual([expect.stringMatching(/^address list .*drop\.txt cannot be used: [^\n]+$/)])
    })
    expect(geo.classes('81.2.69.142')).toContain('threat')
  })

  test('a folder stands for every list in it, those of tomorrow among them', async () => {
    const lists = await mkdtemp(join(folder, 'lists-'))
    await writeFile(join(lists, 'a.txt'), '2.125.160.0/24\n')
    const { geo } = await open({ classLists: `tor=${lists},relay=${lists}` })
    expect(geo.classes('2.125.160.1')).toEqual(['tor', 'relay'])
    await writeFile(join(lists, 'b.txt'), '89.160.20.0/24\n')
    await vi.waitFor(() => {
      expect(geo.classes('89.160.20.1')).toEqual(['tor', 'relay'])
    })
    expect(geo.classes('2.125.160.1')).toEqual(['tor', 'relay'])
  })

  test('lists say nothing of private addresses', async () => {
    await writeFile(path('bogons.txt'), '10.0.0.0/8\n192.168.0.0/16\n')
    const { geo } = await open({ classLists: `threat=${path('bogons.txt')}` })
    expect(geo.classes('10.1.2.3')).toEqual([])
  })
})

test.each([
  ['hosting=/x', 'expected class=path'],
  ['threat', 'expected class=path'],
  ['threat=', 'expected class=path'],
  ['threat=/nowhere/list.txt', 'address list /nowhere/list.txt cannot be used: ENOENT'],
])('a start with IP_CLASS_LISTS=%s stops with one line', async (classLists, message) => {
  const opening = openGeo({ cityDb: given('GeoIP2-City-Test'), classLists })
  await expect(opening).rejects.toThrow(message)
  await expect(opening).rejects.not.toThrow('\n')
})
