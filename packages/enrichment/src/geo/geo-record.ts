/**
 * Reads records of geo databases, whose shape differs by maker: MaxMind's nested objects, or flat columns
 * (DB-IP, IPinfo). The keys decide, not the file's name or declared type.
 */
import { cityOfNamedDistrict } from './city-districts.ts'
import type { KnownCity, Position } from './gazetteer.ts'

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

/** What names of places mean, for records that have no codes; and which districts are part of a city. */
export interface PlaceNames {
  /** ISO 3166-2 of a subdivision by its name, or empty. */
  readonly subdivision: (country: string, name: string) => string
  readonly city: (country: string, name: string, near: Position) => KnownCity | undefined
  readonly cityOfSection: (geonameId: number) => KnownCity | undefined
}

/** Without any data: names stay names. */
export const noPlaceNames: PlaceNames = {
  subdivision: () => '',
  city: () => undefined,
  cityOfSection: () => undefined,
}

/** The place of a City record; codes that name no country (`ZZ`, `XX`, `T1`) mean nothing at all is known (section 5.3). */
export function placeOf(record: unknown, names: PlaceNames = noPlaceNames): Place {
  if (!isObject(record)) return nowhere
  const isNested = isObject(record.country) || isObject(record.city)
  const country = isNested ? text(at(record.country, 'iso_code')) : flatCountry(record)
  if (!isCountry(country)) return nowhere
  return isNested ? nestedPlace(country, record, names) : flatPlace(country, record, names)
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

function nestedPlace(country: string, record: JsonObject, names: PlaceNames): Place {
  const subdivisions: unknown[] = Array.isArray(record.subdivisions) ? record.subdivisions : []
  const geonameId = numberOf(at(record.city, 'geoname_id'))
  const whole = cityOfNamedDistrict(geonameId) ?? names.cityOfSection(geonameId)
  return {
    country,
    subdivision1: subdivision(country, at(subdivisions[0], 'iso_code')),
    subdivision2: subdivision(country, at(subdivisions[1], 'iso_code')),
    cityGeonameId: whole?.geonameId ?? geonameId,
    city: whole?.city ?? text(at(at(record.city, 'names'), 'en')),
  }
}

const flatCountry = (record: JsonObject): string => text(record.country_code) || text(record.country)

/** Flat files name subdivisions in words (`state1`, `region`) and have no GeoNames ids: those follow from the names. */
function flatPlace(country: string, record: JsonObject, names: PlaceNames): Place {
  const city = withoutDistrict(text(record.city))
  const known = city === '' ? undefined : names.city(country, city, positionOf(record))
  const whole = known === undefined ? undefined : cityOfNamedDistrict(known.geonameId)
  const found = whole ?? known ?? { geonameId: 0, city }
  return {
    country,
    subdivision1: flatSubdivision(country, record.region_code, text(record.state1) || text(record.region)),
    subdivision2: flatSubdivision(country, undefined, text(record.state2)),
    cityGeonameId: found.geonameId,
    city: found.city,
  }

  function flatSubdivision(of: string, code: unknown, name: string): string {
    return subdivision(of, code) || (name === '' ? '' : names.subdivision(of, name))
  }
}

/** Numbers, or in some files text. */
function positionOf(record: JsonObject): Position {
  return {
    latitude: Number(record.latitude ?? record.lat ?? NaN),
    longitude: Number(record.longitude ?? record.lng ?? record.lon ?? NaN),
  }
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
