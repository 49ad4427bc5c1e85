import {
  overridableColumns,
  type EnrichedEvent,
  type OverridableColumn,
  type Overrides,
} from '@millrace/events'
import { majorMinor } from '../client/version.ts'
import { browserName, osName } from './client-names.ts'
import { countryCode } from './country-code.ts'

type Columns = Partial<Pick<EnrichedEvent, OverridableColumn>>

/**
 * The event with the columns that it says itself, and their names in `overrides`: they hold for the rest of its session
 * (Kameleoon's STATICDATA and GEOLOCATION). What is empty, or names nothing known, sets nothing.
 */
export function overridden(event: EnrichedEvent, overrides: Overrides): EnrichedEvent {
  const columns = { ...placeColumns(overrides), ...clientColumns(event, overrides) }
  const names = overridableColumns.filter((name) => columns[name] !== undefined)
  return names.length === 0 ? event : { ...event, ...columns, overrides: names }
}

/** ISO 3166-2: the country, and up to three letters or digits of its own. */
const subdivision = /^([A-Z]{2})-[A-Z0-9]{1,3}$/

/**
 * A place that is given leaves nothing of what lies within the place before: a country resets region and city, a region
 * the city. A region's code tells its country; as a name it is in no column.
 */
function placeColumns({ country = '', region = '', city = '' }: Overrides): Columns {
  const subdivision1 = regionCode(region)
  const givenCountry = countryCode(country) ?? subdivision1.slice(0, 2)
  const cityColumns = { cityGeonameId: 0, city: city.trim() }
  if (givenCountry !== '') {
    const isInside = subdivision1.startsWith(`${givenCountry}-`)
    const within = { subdivision1: isInside ? subdivision1 : '', subdivision2: '' }
    return { country: givenCountry, ...within, ...cityColumns }
  }
  if (region.trim() !== '') return { subdivision1: '', subdivision2: '', ...cityColumns }
  return cityColumns.city === '' ? {} : cityColumns
}

/** Empty for what is no code of a country's region. */
function regionCode(region: string): string {
  const code = region.trim().toUpperCase()
  const country = subdivision.exec(code)?.[1]
  return country !== undefined && countryCode(country) === country ? code : ''
}

const devices: ReadonlySet<string> = new Set(['Desktop', 'Mobile', 'Tablet'])

/** Names become those of user agents. Without a version, that of the event's own user agent stays if it names the same. */
function clientColumns(event: EnrichedEvent, overrides: Overrides): Columns {
  const { browser = '', browserVersion = '', os = '', device = '', language = '' } = overrides
  const columns: Columns = {}
  if (browser !== '') {
    columns.browser = browserName(browser)
    columns.browserVersion = columns.browser === event.browser ? event.browserVersion : ''
  }
  if (browserVersion !== '') columns.browserVersion = majorMinor(browserVersion)
  if (os !== '') {
    columns.os = osName(os)
    columns.osVersion = columns.os === event.os ? event.osVersion : ''
  }
  if (devices.has(device)) columns.device = device
  if (language !== '') columns.language = language
  return columns
}
