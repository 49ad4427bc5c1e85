import type { KnownCity } from './gazetteer.ts'

const berlin = { geonameId: 2950159, city: 'Berlin' }
const toronto = { geonameId: 6167865, city: 'Toronto' }
const london = { geonameId: 2643743, city: 'London' }

/**
 * City districts that databases report as cities, folded into their city, so that Berlin is one row in a report: those that
 * Plausible's rules name (section 5.3), and towns that are part of Toronto since 1998. GeoNames files neither as a section
 * of a city; what it does file so, the gazetteer knows.
 */
const cityOfDistrict: ReadonlyMap<number, KnownCity> = new Map([
  [2870912, berlin],
  [6690595, london],
  [5950267, toronto], // Etobicoke
  [6091104, toronto], // North York
  [6948711, toronto], // Scarborough
  [7870925, toronto], // East York
])

/** The city of a district, undefined for a city. */
export function cityOfNamedDistrict(geonameId: number): KnownCity | undefined {
  return cityOfDistrict.get(geonameId)
}
