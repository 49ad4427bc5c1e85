import { decodeKameleoon, kameleoonJsonSchema, kameleoonLinesSchema } from '@millrace/protocols'
import * as z from 'zod'
import type { EventRoute, RouteExample, RouteParameter } from './event-route.ts'

const parameters: readonly RouteParameter[] = [
  {
    name: 'siteCode',
    description: 'Code of the site, as the sites file has it.',
    isRequired: true,
    schema: z.string(),
  },
  {
    name: 'visitorCode',
    description:
      'The visitor of every event in the body, at most 100 characters; without it each event names its own.',
    isRequired: false,
    schema: z.string(),
  },
  {
    name: 'mappingValue',
    description: 'The visitor by an id of your own, in place of visitorCode.',
    isRequired: false,
    schema: z.string(),
  },
  {
    name: 'json',
    description: 'The body is JSON; one that begins with a bracket is read as JSON without it.',
    isRequired: false,
    schema: z.boolean().default(false),
  },
  {
    name: 'bodyUa',
    description: "A server sends; visitors' user agents are in the body.",
    isRequired: false,
    schema: z.boolean().default(false),
  },
  { name: 'sdkName', description: 'Kept with every event.', isRequired: false, schema: z.string() },
  { name: 'sdkVersion', description: 'Kept with every event.', isRequired: false, schema: z.string() },
  {
    name: 'itp',
    description: 'Sent by the browser engine, which waits for 204 instead of 202.',
    isRequired: false,
    schema: z.string(),
  },
]

const examples: Readonly<Record<string, RouteExample>> = {
  lines: {
    query: 'siteCode=abcdefghij&visitorCode=0hs04jom186mwcrd',
    type: '*/*',
    body: [
      'nonce=d2ce4d22083348fb&eventType=STATICDATA&browser=Safari&browserVersion=16.3&deviceType=DESKTOP&os=Windows',
      'nonce=b0a4253d8acd01c7&eventType=PAGE&href=https%3A%2F%2Fwww.example.com%2Fsuperpage%3Fsuperparam%3Dtrue',
      'nonce=4ca34741a6cc8a48&eventType=CONVERSION&goalId=2&revenue=24.99',
    ].join('\n'),
  },
  json: {
    query: 'siteCode=abcdefghij&visitorCode=0hs04jom186mwcrd&json=true',
    type: 'application/json',
    body: [
      {
        nonce: 'd2ce4d22083348fb',
        eventType: 'STATICDATA',
        browser: 'Safari',
        browserVersion: 16.3,
        deviceType: 'DESKTOP',
        os: 'Windows',
      },
      {
        nonce: 'b0a4253d8acd01c7',
        eventType: 'PAGE',
        href: 'https://www.example.com/superpage?superparam=true',
      },
      { nonce: '5ca34741a6cc8a48', eventType: 'CONVERSION', goalId: 2, metadata: { 0: ['blue'] } },
    ],
  },
  severalVisitorsOfAnSdk: {
    query: 'siteCode=abcdefghij&sdkName=javascript&sdkVersion=4.17.1&bodyUa=true',
    type: '*/*',
    body: [
      'eventType=experiment&id=99001&variationId=501&nonce=5D4D929388819E2B&visitorCode=0hs04jom186mwcrd&userAgent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36',
      'eventType=customData&index=0&valuesCountMap=%7B%22premium%22%3A1%7D&overwrite=true&nonce=5D4D929388819E2C&visitorCode=0hs04jom186mwcrd',
      'eventType=geolocation&country=France&city=Paris&postalCode=75008&nonce=5D4D929388819E2D&visitorCode=4kd3lq0u5n2w8xva',
    ].join('\n'),
  },
}

export const kameleoonRoutes: readonly EventRoute[] = [
  {
    path: '/visit/events',
    methods: ['POST'],
    protocol: 'kameleoon',
    decode: decodeKameleoon,
    document: {
      summary: 'Takes events of one or more visitors, as the Kameleoon data API does',
      parameters,
      bodies: [
        { types: ['application/json'], schema: kameleoonJsonSchema },
        { types: ['*/*'], schema: kameleoonLinesSchema },
      ],
      examples,
      answers: {
        202: 'Accepted. What is wrong with an event of the body is found in dead_letters, with the field and the reason.',
        204: 'The same, for the browser engine (itp).',
        400: 'The URL query is malformed; nothing is stored.',
        401: 'The siteCode is not known; nothing is stored.',
        403: 'The user agent is a bot; nothing is stored.',
      },
    },
  },
]
