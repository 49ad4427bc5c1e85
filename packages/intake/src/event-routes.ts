import type { Protocol } from '@millrace/events'
import {
  decodePlausible,
  plausibleEventSchema,
  type DecodeContext,
  type Decoded,
  type WireRequest,
} from '@millrace/protocols'
import type * as z from 'zod'

/** One way in for events: a path and the protocol that is spoken there. */
export interface EventRoute {
  readonly path: string
  readonly methods: readonly ('GET' | 'POST')[]
  readonly protocol: Protocol
  /** Never throws, whatever the request holds. */
  readonly decode: (request: WireRequest, context: DecodeContext) => Decoded
  readonly summary: string
  /** Of one event, for the OpenAPI document. */
  readonly schema: z.ZodType
  readonly examples: Readonly<Record<string, unknown>>
}

export const eventRoutes: readonly EventRoute[] = [
  {
    path: '/api/event',
    methods: ['POST'],
    protocol: 'plausible',
    decode: decodePlausible,
    summary: 'Takes one event for one or more sites, as the Plausible script sends it',
    schema: plausibleEventSchema,
    examples: {
      pageview: {
        n: 'pageview',
        u: 'https://example.com/pricing?utm_source=news',
        d: 'example.com',
        r: null,
      },
      customEvent: {
        name: 'Purchase',
        url: 'https://example.com/thanks',
        domain: 'example.com',
        props: { plan: 'pro' },
        revenue: { amount: '19.90', currency: 'EUR' },
      },
      engagement: { n: 'engagement', u: 'https://example.com/', d: 'example.com', sd: 70, e: 12_500 },
    },
  },
]
