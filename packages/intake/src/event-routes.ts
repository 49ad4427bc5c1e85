import { decodePlausible, plausibleEventSchema } from '@millrace/protocols'
import type { EventRoute } from './event-route.ts'
import { kameleoonRoutes } from './kameleoon-routes.ts'
import { octethRoutes } from './octeth-routes.ts'
import { successeveRoutes } from './successeve-routes.ts'

export type { EventRoute, RouteDocument, RouteExample, RouteParameter } from './event-route.ts'

export const eventRoutes: readonly EventRoute[] = [
  {
    path: '/api/event',
    methods: ['POST'],
    protocol: 'plausible',
    decode: decodePlausible,
    document: {
      summary: 'Takes one event for one or more sites, as the Plausible script sends it',
      bodies: [{ types: ['text/plain', 'application/json'], schema: plausibleEventSchema }],
      examples: {
        pageview: {
          type: 'text/plain',
          body: {
            n: 'pageview',
            u: 'https://example.com/pricing?utm_source=news',
            d: 'example.com',
            r: null,
          },
        },
        customEvent: {
          type: 'application/json',
          body: {
            name: 'Purchase',
            url: 'https://example.com/thanks',
            domain: 'example.com',
            props: { plan: 'pro' },
            revenue: { amount: '19.90', currency: 'EUR' },
          },
        },
        engagement: {
          type: 'text/plain',
          body: { n: 'engagement', u: 'https://example.com/', d: 'example.com', sd: 70, e: 12_500 },
        },
      },
      answers: {
        202: 'The log has the events, or the disk that they wait on while the log is away.',
        400: 'The request cannot be read as an event; nothing is stored.',
      },
    },
  },
  ...octethRoutes,
  ...successeveRoutes,
  ...kameleoonRoutes,
]
