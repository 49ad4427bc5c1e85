import type { Overrides } from '@millrace/events'
import type { DecodedEvent } from '../decoded.ts'
import { readPageUrl } from '../page-url.ts'
import { decimalAmount } from '../revenue.ts'
import { cutText } from '../text-length.ts'
import type { Conceal } from './emails.ts'
import type { EventType } from './event-schemas.ts'

const referrerGraphemesMax = 2_000
const referrerBytesMax = 32_000

/** Parameters of an event as text, by their documented names. */
export type ParameterTexts = Readonly<Partial<Record<string, string>>>

/** What of an event every protocol has. */
export type Canonical = Pick<
  DecodedEvent,
  'name' | 'hostname' | 'pathname' | 'query' | 'title' | 'referrer' | 'interactive' | 'revenue' | 'overrides'
>

/** The parameter that is a column as it is; all others are kept as properties too, since no column has them whole. */
export const columnParameter = 'title'

/**
 * @param conceal for texts that go into columns
 * @returns what is wrong with the event as `problem`
 */
export function canonicalEvent(
  type: EventType,
  parameters: ParameterTexts,
  conceal: Conceal,
): Canonical | { readonly problem: string } {
  const event = { ...noPage, name: eventNames[type] }
  switch (type) {
    case 'PAGE':
      return pageView(parameters, conceal)
    case 'CONVERSION':
      return { ...event, ...conversion(parameters) }
    case 'STATICDATA':
      return { ...event, overrides: deviceOverrides(parameters, conceal) }
    case 'GEOLOCATION':
      return { ...event, overrides: placeOverrides(parameters, conceal) }
    case 'TARGETINGSEGMENT':
    case 'EXPERIMENT':
    case 'PERSONALIZATION':
    case 'WEATHER':
    case 'CUSTOMDATA':
    case 'PRODUCT':
    case 'ACTIVITY':
      return event
  }
}

const eventNames: Readonly<Record<EventType, string>> = {
  STATICDATA: 'staticData',
  PAGE: 'pageview',
  CONVERSION: 'conversion',
  TARGETINGSEGMENT: 'targetingSegment',
  EXPERIMENT: 'experiment',
  PERSONALIZATION: 'personalization',
  WEATHER: 'weather',
  CUSTOMDATA: 'customData',
  PRODUCT: 'product',
  GEOLOCATION: 'geolocation',
  ACTIVITY: 'activity',
}

const noPage = { hostname: '', pathname: '', query: '', title: '', referrer: '', interactive: false } as const

/** The URL is taken apart before emails are concealed: a user in front of the host looks like one. */
function pageView(
  { href = '', title = '', referrerHref = '' }: ParameterTexts,
  conceal: Conceal,
): Canonical | { problem: string } {
  const { scheme, hostname, pathname, query } = readPageUrl(href, { withFragment: false })
  if (scheme === undefined || scheme === 'data') return { problem: 'href: expected a complete URL' }
  const referrer = cutText(referrerHref, {
    graphemesMax: referrerGraphemesMax,
    bytesMax: referrerBytesMax,
  })
  return {
    name: 'pageview',
    hostname,
    pathname: pathname === '' ? '/' : conceal(pathname, 'pathname'),
    query: conceal(query, 'query'),
    title: conceal(title, 'title'),
    referrer: conceal(referrer, 'referrer'),
    interactive: true,
  }
}

/**
 * A conversion that is taken back has the opposite amount, and is nothing the visitor did. The protocol has no currency; the
 * amount is left out where it is too large for the column.
 */
function conversion({ revenue, negative }: ParameterTexts): Partial<Canonical> & { interactive: boolean } {
  const isNegative = negative === 'true'
  const amount = revenue === undefined ? undefined : decimalAmount(revenue)
  if (amount === undefined) return { interactive: !isNegative }
  return {
    interactive: !isNegative,
    revenue: { amount: isNegative ? opposite(amount) : amount, currency: '' },
  }
}

function opposite(amount: string): string {
  if (amount === '0') return amount
  return amount.startsWith('-') ? amount.slice(1) : `-${amount}`
}

/** Browser and system as sent, in words such as `CHROME` and `WINDOWS_PHONE`: the enricher knows what the columns call them. */
function deviceOverrides(parameters: ParameterTexts, conceal: Conceal): Overrides {
  const { browser, browserVersion, os, deviceType, localeLanguageTag } = parameters
  const overrides = {
    browser: isOther(browser) ? undefined : browser,
    browserVersion,
    os: isOther(os) ? undefined : os,
    device: devices.get(deviceType ?? ''),
    language: localeLanguageTag,
  }
  return given(overrides, conceal)
}

/** The SDKs' word for a browser or system that they do not know. */
function isOther(name: string | undefined): boolean {
  return name?.toUpperCase() === 'OTHER'
}

const devices: ReadonlyMap<string, string> = new Map([
  ['DESKTOP', 'Desktop'],
  ['PHONE', 'Mobile'],
  ['TABLET', 'Tablet'],
])

function placeOverrides({ country, region, city }: ParameterTexts, conceal: Conceal): Overrides {
  return given({ country, region, city }, conceal)
}

function given(
  overrides: Readonly<Partial<Record<keyof Overrides, string | undefined>>>,
  conceal: Conceal,
): Overrides {
  const kept = Object.entries(overrides).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, conceal(value, name)] as const],
  )
  return Object.fromEntries(kept)
}
