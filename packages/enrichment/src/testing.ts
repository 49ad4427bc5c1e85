import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Geo, type GeoFacts } from './geo/geo.ts'

/** A `Geo` that knows the addresses given and no other, without loading a database. */
export function fakeGeo(known: Readonly<Record<string, Partial<GeoFacts>>> = {}): Geo {
  return new Geo({
    place: (ip) => {
      const { country = '', subdivision1 = '', subdivision2 = '', ...facts } = known[ip] ?? {}
      const { cityGeonameId = 0, city = '' } = facts
      return { country, subdivision1, subdivision2, cityGeonameId, city }
    },
    autonomousSystem: (ip) => {
      const facts = known[ip]
      return facts?.asn === undefined
        ? undefined
        : { asn: facts.asn, organization: facts.asOrganization ?? '' }
    },
    anonymity: () => undefined,
    listed: () => [],
    version: 'fake',
  })
}

/**
 * Path of a reference file (test databases, lists) that lies in the folder `shared` beside the checkout, for a test's
 * `skipIf`: the files are not ours to copy in.
 * @returns undefined where it is missing
 */
export function referenceFile(name: string): string | undefined {
  const file = fileURLToPath(new URL(`../../../../shared/data/${name}`, import.meta.url))
  return existsSync(file) ? file : undefined
}

/** A test's title: the promise, and where files are missing, what the test needs. */
export function titleNeeding(files: readonly string[], promise: string): string {
  const missing = files.filter((name) => referenceFile(name) === undefined)
  return missing.length === 0
    ? promise
    : `${promise} (needs ${missing.map((name) => `shared/data/${name}`).join(', ')})`
}
