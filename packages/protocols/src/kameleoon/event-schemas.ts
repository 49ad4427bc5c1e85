import * as z from 'zod'
import {
  flag,
  float64,
  indices,
  int32,
  int64,
  mappingIdProblem,
  matching,
  metadata,
  oneOf,
  optional,
  required,
  text,
  valuesCountMap,
  visitorCharsMax,
} from './parameter.ts'

const urlCharsMax = 2048
const titleCharsMax = 256
const wordCharsMax = 100

const unexpositionCauses = [
  'GLOBAL_EXCLUSION',
  'PERSONALIZATION_CAPPING',
  'SCHEDULE',
  'PERSONALIZATION_EXCLUSION',
  'VISITOR_CAPPING',
  'SCENARIO',
  'PRIORITY',
] as const

/** What every event carries. */
const common = {
  nonce: required(matching(/^[\da-fA-F]{16}$/, { name: '16 hexadecimal digits' }), {
    description: 'Random and unique to the event; a retry repeats it, and is stored once.',
    examples: ['d2ce4d22083348fb'],
  }),
  visitorCode: optional(text(visitorCharsMax), {
    description: 'The visitor, required unless the URL names one; then it is ignored.',
    examples: ['0hs04jom186mwcrd'],
  }),
  mappingValue: optional(text(visitorCharsMax), {
    description: 'The visitor by an id of your own, in place of visitorCode.',
    examples: ['customer-4711'],
  }),
  userAgent: optional(text(), {
    description:
      "The visitor's user agent, read where the URL says bodyUa=true, for this event and the visitor's following ones; it may stand unescaped.",
    examples: ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36'],
  }),
}

function eventSchema<Type extends string, Shape extends z.core.$ZodShape>(
  type: Type,
  description: string,
  shape: Shape,
) {
  const eventType = z.literal(type).meta({ description: 'In any case.', examples: [type] })
  return z.object({ eventType, ...common, ...shape }).meta({ title: type, description })
}

const staticData = eventSchema('STATICDATA', "The visitor's device, for the rest of the session.", {
  visitNumber: optional(int32, { description: 'Number of visits.', examples: [3] }),
  timeSincePreviousVisit: optional(int64, {
    description: 'Milliseconds since the last visit.',
    examples: [86_400_000],
  }),
  browser: optional(text(wordCharsMax), { description: "Browser's name.", examples: ['Safari'] }),
  browserIndex: optional(int32, { description: 'Configured index of the browser.', examples: [0] }),
  browserVersion: optional(float64, { description: 'Version of the browser.', examples: [16.3] }),
  os: optional(text(wordCharsMax), { description: "Operating system's name.", examples: ['Windows'] }),
  osIndex: optional(int32, { description: 'Configured index of the operating system.', examples: [0] }),
  screenWidth: optional(int32, { description: 'Width of the screen.', examples: [1920] }),
  screenHeight: optional(int32, { description: 'Height of the screen.', examples: [1080] }),
  localeLanguageTag: optional(text(), { description: "Tag of the visitor's language.", examples: ['fr'] }),
  deviceType: optional(oneOf(['DESKTOP', 'TABLET', 'PHONE']), {
    description: 'Class of the device.',
    examples: ['DESKTOP'],
  }),
})

const page = eventSchema('PAGE', 'A page view, stored under the name pageview.', {
  href: required(text(urlCharsMax), {
    description: 'Complete URL of the page.',
    examples: ['https://example.com/pricing?utm_source=news'],
  }),
  canonicalHref: optional(text(urlCharsMax), {
    description: 'Canonical URL of the page.',
    examples: ['https://example.com/pricing'],
  }),
  title: optional(text(titleCharsMax), { description: 'Title of the page.', examples: ['Pricing'] }),
  keyPageIndices: optional(indices, { description: 'Configured indices of key pages.', examples: [[0, 2]] }),
  referrerHref: optional(text(), {
    description: 'Complete URL of the page before.',
    examples: ['https://news.example.org/'],
  }),
  referrerIndices: optional(indices, {
    description: 'Configured indices of referrers; referrersIndices is read too.',
    examples: [[1]],
  }),
})

const conversion = eventSchema('CONVERSION', 'A goal that was reached, or one that is taken back.', {
  goalId: required(int64, { description: 'Id of the goal.', examples: [2] }),
  revenue: optional(float64, { description: 'Revenue of the goal.', examples: [24.99] }),
  negative: optional(flag, { description: 'Takes the conversion back. Default false.', examples: [false] }),
  metadata: optional(metadata, {
    description: 'Metadata id to its values.',
    examples: [{ 0: ['blue', 'large'] }],
  }),
})

const targetingSegment = eventSchema('TARGETINGSEGMENT', 'The visitor belongs to a segment.', {
  id: required(int64, { description: 'Id of the segment.', examples: [7] }),
})

const variationId = required(int64, {
  description: 'Id of the variation; 0: the reference.',
  examples: [501],
})

const experiment = eventSchema('EXPERIMENT', 'The visitor takes part in an experiment.', {
  id: required(int64, { description: 'Id of the experiment.', examples: [99_001] }),
  variationId,
})

const personalization = eventSchema('PERSONALIZATION', 'The visitor is shown a personalization, or not.', {
  id: required(int64, { description: 'Id of the personalization.', examples: [310] }),
  variationId,
  unexpositionCause: optional(oneOf(unexpositionCauses), {
    description: 'Why it is not shown; only where variationId is 0.',
    examples: ['SCHEDULE'],
  }),
}).superRefine((event, context) => {
  if (event.unexpositionCause === undefined || event.variationId === '0') return
  context.addIssue({ code: 'custom', path: ['unexpositionCause'], message: 'only valid if variationId is 0' })
})

const weather = eventSchema('WEATHER', 'The weather where the visitor is.', {
  temperature: required(float64, { description: 'Kelvin.', examples: [291.2] }),
  humidity: required(float64, { description: 'Percent.', examples: [60] }),
  pressure: required(float64, { description: 'Atmospheric pressure, hPa.', examples: [1013.25] }),
  windSpeed: required(float64, { description: 'Metres per second.', examples: [3.6] }),
  cloudiness: required(float64, { description: 'Percent.', examples: [20] }),
  sunriseTime: required(int64, { description: 'Unix milliseconds.', examples: [1_763_708_400_000] }),
  sunsetTime: required(int64, { description: 'Unix milliseconds.', examples: [1_763_740_800_000] }),
  weatherCode: optional(text(wordCharsMax), { description: 'In words.', examples: ['Sky is Clear'] }),
})

const customData = eventSchema('CUSTOMDATA', 'Values of your own about the visitor.', {
  index: required(int32, { description: 'Configured index of the custom data.', examples: [0] }),
  mappingIdentifier: optional(flag, {
    description: 'The value is an id of the visitor on all devices, at most 100 characters. Default false.',
    examples: [false],
  }),
  valuesCountMap: required(valuesCountMap, {
    description: 'Value to its count.',
    examples: [{ premium: 1 }],
  }),
  overwrite: optional(flag, {
    description: 'True puts the counts in place of earlier ones, false adds them. Default true.',
    examples: [true],
  }),
}).superRefine((event, context) => {
  const problem = event.mappingIdentifier === 'true' ? mappingIdProblem(event.valuesCountMap) : undefined
  if (problem !== undefined) context.addIssue({ code: 'custom', path: ['valuesCountMap'], message: problem })
})

const product = eventSchema('PRODUCT', 'A product that was looked at.', {
  ean: required(text(wordCharsMax), { description: 'Product code.', examples: ['4006381333931'] }),
})

const place = (description: string, example: string) =>
  optional(text(wordCharsMax), { description, examples: [example] })

const geolocation = eventSchema('GEOLOCATION', 'Where the visitor is, for the rest of the session.', {
  country: place('Country.', 'France'),
  region: place('Region.', 'Ile-de-France'),
  city: place('City.', 'Paris'),
  postalCode: place('Postal code.', '75008'),
  latitude: optional(float64, { description: 'Degrees.', examples: [48.8738] }),
  longitude: optional(float64, { description: 'Degrees.', examples: [2.295] }),
})

const activity = eventSchema(
  'ACTIVITY',
  'The visitor is still there: the SDKs send it to move a session on.',
  {},
)

/** What validates an event of each documented type, and of the SDKs' `activity`; the OpenAPI document shows the same. */
export const eventSchemas = {
  STATICDATA: staticData,
  PAGE: page,
  CONVERSION: conversion,
  TARGETINGSEGMENT: targetingSegment,
  EXPERIMENT: experiment,
  PERSONALIZATION: personalization,
  WEATHER: weather,
  CUSTOMDATA: customData,
  PRODUCT: product,
  GEOLOCATION: geolocation,
  ACTIVITY: activity,
} as const

export type EventType = keyof typeof eventSchemas

/** One event as JSON, told by `eventType`. */
const eventsSchema = z.discriminatedUnion('eventType', [
  staticData,
  page,
  conversion,
  targetingSegment,
  experiment,
  personalization,
  weather,
  customData,
  product,
  geolocation,
  activity,
])

/** A body in its JSON form: an array of events, or one event by itself. */
export const kameleoonJsonSchema = z.union([z.array(eventsSchema), eventsSchema]).meta({
  description: 'Numbers, booleans, arrays and objects may also be given as their text.',
})

/** A body in its query form. */
export const kameleoonLinesSchema = z.string().meta({
  description:
    'One event per line: name=value&name=value, values escaped as encodeURIComponent does; arrays and objects as JSON text. The names are those of the JSON form.',
})
