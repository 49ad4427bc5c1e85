/**
 * Reads records of geo databases, whose shape differs by maker: MaxMind's nested objects, or flat columns
 * (DB-IP, IPinfo). The keys decide, not the file's name or declared type.
 */
import { foldedCity } from './city-districts.ts'

/** Where an address is; empty or 0 for what is not known. */
export interface Place {
  /** ISO 3166-1 alpha-2. */
  readonly country: string
  /** ISO 3166-2, country included (`GB-ENG`). */
  readonly subdivision1: string
  readonly subdivision2: string
  /** GeoNames id. */
  readonly cityGeonameId: number
  /** English name. */
  readonly city: string
}

export const nowhere: Place = {
  country: '',
  subdivision1: '',
  subdivision2: '',
  cityGeonameId: 0,
  city: '',
}

/** The place of a City record; codes that name no country (`ZZ`, `XX`, `T1`) mean nothing at all is known (section 5.3). */
export function placeOf(record: unknown): Place {
  if (!isObject(record)) return nowhere
  const place = isObject(record.country) || isObject(record.city) ? nestedPlace(record) : flatPlace(record)
  return isCountry(place.country) ? place : nowhere
}

/** Number and organisation of an ASN record (0 and empty when it has none). */
export function autonomousSystemOf(record: unknown): { asn: number; organization: string } {
  if (!isObject(record)) return { asn: 0, organization: '' }
  // MaxMind `autonomous_system_number`; IPinfo `asn: "AS15169"`.
  const asn = numberOf(record.autonomous_system_number ?? record.asn)
  const organization =
    text(record.autonomous_system_organization) || text(record.as_name) || text(record.name)
  return { asn, organization }
}

/** Country codes that databases use for "nobody knows". */
const noCountries: ReadonlySet<string> = new Set(['ZZ', 'XX', 'T1'])

const isCountry = (code: string): boolean => /^[A-Z][A-Z0-9]$/.test(code) && !noCountries.has(code)

function nestedPlace(record: JsonObject): Place {
  const country = text(at(record.country, 'iso_code'))
  const subdivisions: unknown[] = Array.isArray(record.subdivisions) ? record.subdivisions : []
  return {
    country,
    subdivision1: subdivision(country, at(subdivisions[0], 'iso_code')),
    subdivision2: subdivision(country, at(subdivisions[1], 'iso_code')),
    ...foldedCity({
      geonameId: numberOf(at(record.city, 'geoname_id')),
      city: text(at(at(record.city, 'names'), 'en')),
    }),
  }
}

/** Flat files name subdivisions in words and have no GeoNames ids: those columns stay empty. */
function flatPlace(record: JsonObject): Place {
  const country = text(record.country_code) || text(record.country)
  return { ...nowhere, country, city: withoutDistrict(text(record.city)) }
}

/** `Los Angeles (Downtown Los Angeles)` is Los Angeles. */
function withoutDistrict(city: string): string {
  const bracket = city.indexOf(' (')
  return bracket > 0 && city.endsWith(')') ? city.slice(0, bracket) : city
}

function subdivision(country: string, code: unknown): string {
  return text(code) === '' ? '' : `${country}-${text(code)}`
}

type JsonObject = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const at = (value: unknown, key: string): unknown => (isObject(value) ? value[key] : undefined)
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

function numberOf(value: unknown): number {
  if (typeof value === 'number') return value
  const digits = text(value).replace(/^AS/i, '')
  return /^\d{1,10}$/.test(digits) ? Number(digits) : 0
}
