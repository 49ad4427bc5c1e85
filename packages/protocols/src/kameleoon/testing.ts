import { aDecodeContext, aKameleoonRequest, onlyEvent } from '../testing.ts'
import { decodeKameleoon } from './decode.ts'
import type { EventType } from './event-schemas.ts'

export type Values = Readonly<Record<string, unknown>>
export type Outcome = Readonly<Record<string, string>> | string

/** One event in one form of the body: its properties, or the cause why it is none. */
export function outcome(form: 'lines' | 'JSON', parameters: Values): Outcome {
  const event = { nonce: 'd2ce4d22083348fb', ...parameters }
  const body = form === 'JSON' ? event : [lineOf(event)]
  const query = 'siteCode=abcdefghij&visitorCode=v'
  const { props, malformed } = onlyEvent(
    decodeKameleoon(aKameleoonRequest(body, { query }), aDecodeContext({ keepsEmails: true })),
  )
  return malformed?.cause ?? Object.fromEntries(props)
}

/** Values as `encodeURIComponent` writes them, arrays and objects as JSON text; what is not given is left out. */
export function lineOf(event: Values): string {
  return Object.entries(event)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name}=${encodeURIComponent(textOf(value))}`)
    .join('&')
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

export const forms = ['lines', 'JSON'] as const

/** The least that each type needs. */
export const needed: Readonly<Record<EventType, Values>> = {
  STATICDATA: {},
  PAGE: { href: 'https://example.com/' },
  CONVERSION: { goalId: 2 },
  TARGETINGSEGMENT: { id: 7 },
  EXPERIMENT: { id: 1, variationId: 0 },
  PERSONALIZATION: { id: 1, variationId: 0 },
  WEATHER: {
    temperature: 291.2,
    humidity: 60,
    pressure: 1013.25,
    windSpeed: 3.6,
    cloudiness: 20,
    sunriseTime: 1_763_708_400_000,
    sunsetTime: 1_763_740_800_000,
  },
  CUSTOMDATA: { index: 0, valuesCountMap: { premium: 1 } },
  PRODUCT: { ean: '4006381333931' },
  GEOLOCATION: {},
  ACTIVITY: {},
}
export const types = Object.keys(needed) as EventType[]
