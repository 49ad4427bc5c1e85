/**
 * City districts that databases report as cities, folded into their city, so that Berlin is one row in a report.
 * The GeoNames ids named in Plausible's rules (section 5.3); further ones follow from GeoNames' "section of city".
 */
const cityOfDistrict: ReadonlyMap<number, { readonly geonameId: number; readonly city: string }> = new Map([
  [2870912, { geonameId: 2950159, city: 'Berlin' }],
  [5950267, { geonameId: 6167865, city: 'Toronto' }],
  [6690595, { geonameId: 2643743, city: 'London' }],
])

/** The city a record means. */
export function foldedCity(found: { readonly geonameId: number; readonly city: string }): {
  cityGeonameId: number
  city: string
} {
  const { geonameId, city } = cityOfDistrict.get(found.geonameId) ?? found
  return { cityGeonameId: geonameId, city }
}
