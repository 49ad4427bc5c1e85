import { Geo, type GeoFacts } from './geo/geo.ts'

/** A `Geo` that knows the addresses given and no other, without loading a database. */
export function fakeGeo(
  known: Readonly<
    Record<string, Partial<Omit<GeoFacts, 'subdivision1' | 'subdivision2'>> & { subdivision1?: string }>
  > = {},
): Geo {
  return new Geo({
    place: (ip) => {
      const facts = known[ip]
      if (facts === undefined) return undefined
      const code = facts.subdivision1?.split('-')[1]
      return {
        country: { iso_code: facts.country ?? '' },
        subdivisions: code === undefined ? [] : [{ iso_code: code }],
        city: { geoname_id: facts.cityGeonameId ?? 0, names: { en: facts.city ?? '' } },
      }
    },
    autonomousSystem: (ip) => {
      const facts = known[ip]
      return facts?.asn === undefined
        ? undefined
        : { asn: facts.asn, organization: facts.asOrganization ?? '' }
    },
    anonymity: () => undefined,
    version: 'fake',
  })
}
