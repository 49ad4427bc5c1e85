/** Opens real databases: the packages' own, and MaxMind's test files where they lie beside the checkout. */
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ipaddr from 'ipaddr.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { referenceFile, titleNeeding } from '../testing.ts'
import type { Geo } from './geo.ts'
import type { PlaceNames } from './geo-record.ts'
import { openGeo } from './open-geo.ts'
import { openPlaceNames } from './place-names.ts'

const file = (name: string) => referenceFile(`geo/${name}`)
const fileOrFail = (name: string): string => file(name) ?? `missing ${name}`
const onlyWith = (...names: string[]) => test.skipIf(names.some((name) => file(name) === undefined))
const needing = (promise: string, ...names: string[]) =>
  titleNeeding(
    names.map((name) => `geo/${name}`),
    promise,
  )

describe('the packaged databases', () => {
  let geo: Geo
  beforeAll(async () => {
    geo = await openGeo({})
  })
  test.each([
    ['8.8.8.8', { country: 'US', city: 'Mountain View', asn: 15169 }],
    ['82.64.0.1', { country: 'FR', city: 'Paris', asn: 12322, asOrganization: 'Free SAS' }],
    ['51.15.0.1', { asn: 12876, asOrganization: 'Scaleway SAS' }],
    ['185.220.101.1', { country: 'DE', city: 'Berlin', asn: 60729 }],
    ['2606:4700::1111', { country: 'CA', city: 'Montreal', asn: 13335 }],
    ['2a01:e0a::1', { country: 'FR', city: 'Paris', asn: 12322 }],
  ])('know %s', (ip, facts) => {
    expect(geo.lookup(ip)).toMatchObject(facts)
  })

  test.each(['', 'x', '10.0.0.1', '127.0.0.1', '192.168.1.1', '100.64.0.1', '::1', 'fd00::1', 'fe80::1'])(
    'know nothing of %j',
    (ip) => {
      expect(geo.lookup(ip)).toMatchObject({ country: '', cityGeonameId: 0, city: '', asn: 0 })
      expect(geo.classes(ip)).toEqual([])
    },
  )

  test('tell datacenters by who announces them', () => {
    expect(geo.classes('51.15.0.1')).toEqual(['datacenter'])
    expect(geo.classes('82.64.0.1')).toEqual([])
  })

  test('say their dates', () => {
    expect(geo.version).toMatch(/^city=20\d\d-\d\d-\d\d asn=20\d\d-\d\d-\d\d$/)
  })

  test('answer the same from memory', () => {
    expect(geo.lookup('8.8.8.8')).toBe(geo.lookup('8.8.8.8'))
  })

  test.each([
    ['8.8.8.8', 'US-CA', 5375480, 'Mountain View'],
    ['82.64.0.1', 'FR-IDF', 2988507, 'Paris'],
    ['185.220.101.1', 'DE-BE', 2950159, 'Berlin'],
    ['2606:4700::1111', 'CA-QC', 6077243, 'Montreal'],
  ])('give %s the codes of its place: %s', (ip, subdivision1, cityGeonameId, city) => {
    expect(geo.lookup(ip)).toMatchObject({ subdivision1, subdivision2: '', cityGeonameId, city })
  })

  test('reach nine addresses in ten with codes of ISO 3166-2 and GeoNames', () => {
    const random = seededRandom(1)
    const counts = { places: 0, subdivisions: 0, cities: 0 }
    for (let i = 0; i < 20_000; i++) {
      const ip = Array.from({ length: 4 }, () => 1 + Math.floor(random() * 222)).join('.')
      const { country, subdivision1, cityGeonameId } = geo.lookup(ip)
      if (country === '') continue
      counts.places++
      if (subdivision1 !== '') counts.subdivisions++
      if (cityGeonameId !== 0) counts.cities++
    }
    expect(counts.places).toBeGreaterThan(15_000)
    expect(counts.subdivisions / counts.places).toBeGreaterThan(0.96)
    expect(counts.cities / counts.places).toBeGreaterThan(0.92)
  })
})

/** The keys that any of the sources may have. */
interface SourceRecord {
  country?: { iso_code?: string }
  subdivisions?: { iso_code?: string }[]
  city?: { geoname_id?: number; names?: { en?: string } }
  autonomous_system_number?: number
  autonomous_system_organization?: string
  is_hosting_provider?: boolean
  is_anonymous_vpn?: boolean
  is_tor_exit_node?: boolean
  is_public_proxy?: boolean
  is_residential_proxy?: boolean
}

describe("MaxMind's test databases", () => {
  let names: PlaceNames
  beforeAll(async () => {
    names = await openPlaceNames()
  })

  for (const name of ['GeoIP2-City-Test', 'GeoLite2-City-Test']) {
    const files = [`${name}.mmdb`, `${name}.source.json`] as const
    onlyWith(...files)(needing(`${name}: every record is read as its source says`, ...files), async () => {
      const geo = await openGeo({ cityDb: fileOrFail(files[0]), asnDb: asnDb(), names })
      const records = sourceRecords(files[1])
      expect(records.length).toBeGreaterThan(200)
      for (const { ip, record } of records) {
        const { country, subdivision1, subdivision2, cityGeonameId, city } = geo.lookup(ip)
        const read = { ip, country, subdivision1, subdivision2, cityGeonameId, city }
        expect(read).toEqual({ ip, ...expectedPlace(record) })
      }
    })
  }

  const asnFiles = ['GeoLite2-ASN-Test.mmdb', 'GeoLite2-ASN-Test.source.json'] as const
  onlyWith(...asnFiles, 'GeoIP2-City-Test.mmdb')(
    needing('GeoLite2-ASN-Test: every record is read as its source says', ...asnFiles),
    async () => {
      const geo = await openGeo({ cityDb: cityDb(), asnDb: asnDb(), names })
      const records = sourceRecords(asnFiles[1])
      expect(records.length).toBe(720)
      for (const { ip, record } of records) {
        const { asn, asOrganization } = geo.lookup(ip)
        expect({ ip, asn, asOrganization }).toEqual({
          ip,
          asn: record.autonomous_system_number ?? 0,
          asOrganization: record.autonomous_system_organization ?? '',
        })
      }
    },
  )

  const anonymousFiles = ['GeoIP2-Anonymous-IP-Test.mmdb', 'GeoIP2-Anonymous-IP-Test.source.json'] as const
  onlyWith(
    ...anonymousFiles,
    'GeoIP2-City-Test.mmdb',
    'GeoLite2-ASN-Test.mmdb',
  )(needing('GeoIP2-Anonymous-IP-Test: every record gives its classes', ...anonymousFiles), async () => {
    const geo = await openGeo({
      cityDb: cityDb(),
      asnDb: asnDb(),
      anonymousDb: fileOrFail(anonymousFiles[0]),
      names,
    })
    const records = sourceRecords(anonymousFiles[1])
    expect(records.length).toBe(12)
    for (const { ip, record } of records) {
      const expected = [
        record.is_hosting_provider && 'datacenter',
        record.is_anonymous_vpn && 'vpn',
        record.is_tor_exit_node && 'tor',
        (record.is_public_proxy ?? record.is_residential_proxy) && 'proxy',
      ].filter(Boolean)
      expect({ ip, classes: geo.classes(ip) }).toEqual({ ip, classes: expected })
    }
    expect(geo.version).toMatch(/ anonymous=20\d\d-\d\d-\d\d$/)
  })
})

describe('a file that cannot be used is refused in one line', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-geo-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  const damaged = 'GeoIP2-City-Test-Invalid-Node-Count.mmdb'
  onlyWith(damaged)(needing('one with a false node count', damaged), async () => {
    await expect(openGeo({ cityDb: fileOrFail(damaged) })).rejects.toThrow(
      /^geo database .*Invalid-Node-Count\.mmdb cannot be used: [^\n]+$/,
    )
  })

  onlyWith('GeoIP2-City-Test.mmdb')(needing('one cut short', 'GeoIP2-City-Test.mmdb'), async () => {
    const whole = await readFile(cityDb())
    const cut = join(folder, 'cut.mmdb')
    // The metadata, at the end, is kept: the middle is gone.
    await writeFile(cut, Buffer.concat([whole.subarray(0, 4000), whole.subarray(whole.length - 400)]))
    await expect(openGeo({ cityDb: cut })).rejects.toThrow(
      /^geo database .*cut\.mmdb cannot be used: [^\n]+$/,
    )
  })

  test.each([
    ['one that is something else', 'hello'],
    ['an empty one', ''],
  ])('%s', async (_, text) => {
    const path = join(folder, 'other.mmdb')
    await writeFile(path, text)
    await expect(openGeo({ anonymousDb: path })).rejects.toThrow(
      /^geo database .*other\.mmdb cannot be used: [^\n]+$/,
    )
  })

  test('one that is missing', async () => {
    await expect(openGeo({ asnDb: '/nowhere/asn.mmdb' })).rejects.toThrow(
      /^geo database \/nowhere\/asn\.mmdb cannot be used: ENOENT[^\n]*$/,
    )
  })
})

/** Mulberry32. */
function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const cityDb = (): string => fileOrFail('GeoIP2-City-Test.mmdb')
const asnDb = (): string => fileOrFail('GeoLite2-ASN-Test.mmdb')

/** The source's networks, each by its first address. */
function sourceRecords(name: string): { ip: string; record: SourceRecord }[] {
  const networks = JSON.parse(readFileSync(fileOrFail(name), 'utf8')) as Record<string, SourceRecord>[]
  return networks.flatMap((network) =>
    Object.entries(network).map(([cidr, record]) => ({ ip: firstAddress(cidr), record })),
  )
}

/** IPv4 networks are written `::1.2.3.0/120`. */
function firstAddress(cidr: string): string {
  const [address = ''] = cidr.split('/')
  return address.startsWith('::') && address.includes('.')
    ? address.slice(2)
    : ipaddr.parse(address).toString()
}

function expectedPlace(record: SourceRecord) {
  const country = record.country?.iso_code
  const [first, second] = record.subdivisions ?? []
  if (country === undefined) {
    return { country: '', subdivision1: '', subdivision2: '', cityGeonameId: 0, city: '' }
  }
  return {
    country,
    subdivision1: first?.iso_code === undefined ? '' : `${country}-${first.iso_code}`,
    subdivision2: second?.iso_code === undefined ? '' : `${country}-${second.iso_code}`,
    cityGeonameId: record.city?.geoname_id ?? 0,
    city: record.city?.names?.en ?? '',
  }
}
