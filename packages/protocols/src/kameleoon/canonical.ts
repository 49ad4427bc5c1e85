import type { Overrides } from '@millrace/events'
import type { DecodedEvent } from '../decoded.ts'
import { readPageUrl } from '../page-url.ts'
import { decimalAmount } from '../revenue.ts'
import { cutText } from '../text-length.ts'
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

/** The parameters that have a column of their own; all others are kept as properties. */
export const columnParameters: ReadonlySet<string> = new Set(['href', 'title', 'referrerHref'])

/** @returns what is wrong with the event as `problem` */
export function canonicalEvent(
  type: EventType,
  parameters: ParameterTexts,
): Canonical | { readonly problem: string } {
  const event = { ...noPage, name: eventNames[type] }
  switch (type) {
    case 'PAGE':
      return pageView(parameters)
    case 'CONVERSION':
      return { ...event, ...conversion(parameters) }
    case 'STATICDATA':
      return { ...event, overrides: deviceOverrides(parameters) }
    case 'GEOLOCATION':
      return { ...event, overrides: placeOverrides(parameters) }
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

function pageView({
  href = '',
  title = '',
  referrerHref = '',
}: ParameterTexts): Canonical | { problem: string } {
  const { scheme, hostname, pathname, query } = readPageUrl(href, { withFragment: false })
  if (scheme === undefined || scheme === 'data') return { problem: 'href: expected a complete URL' }
  const referrer = cutText(referrerHref, {
    graphemesMax: referrerGraphemesMax,
    bytesMax: referrerBytesMax,
  })
  const path = pathname === '' ? '/' : pathname
  return { name: 'pageview', hostname, pathname: path, query, title, referrer, interactive: true }
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
function deviceOverrides(parameters: ParameterTexts): Overrides {
  const { browser, browserVersion, os, deviceType, localeLanguageTag } = parameters
  return given({
    browser: isOther(browser) ? undefined : browser,
    browserVersion,
    os: isOther(os) ? undefined : os,
    device: devices.get(deviceType ?? ''),
    language: localeLanguageTag,
  })
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

function placeOverrides({ country, region, city }: ParameterTexts): Overrides {
  return given({ country, region, city })
}

function given(overrides: Readonly<Partial<Record<keyof Overrides, string | undefined>>>): Overrides {
  return Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined))
}
