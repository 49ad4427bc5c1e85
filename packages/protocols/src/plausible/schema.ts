import * as z from 'zod'
import { engagementMsLimit } from './engagement.ts'
import { nameGraphemesMax } from './event-name.ts'
import { referrerGraphemesMax, sitesMax, urlBytesMax } from './page.ts'
import { propKeyBytesMax, propsMax, propValueBytesMax } from './props.ts'

const number = (value: number) => value.toLocaleString('en')

const propsSchema = z.union([z.record(z.string(), z.unknown()), z.string()]).meta({
  description: `Custom properties, an object or JSON text of one. The first ${number(propsMax)} stay; a key of more than ${number(propKeyBytesMax)} or a value of more than ${number(propValueBytesMax)} bytes refuses the post. Read in the order m, meta, p, props.`,
  examples: [{ plan: 'pro' }],
})

const revenueSchema = z
  .union([
    z.object({ amount: z.union([z.number(), z.string()]), currency: z.string().meta({ examples: ['EUR'] }) }),
    z.string(),
  ])
  .meta({
    description:
      'Money, an object or JSON text of one: amount as number or decimal text, currency by ISO 4217. Ignored when invalid. Read in the order revenue, $.',
    examples: [{ amount: 15.99, currency: 'USD' }],
  })

const wholeNumber = z.union([z.int(), z.string().regex(/^[+-]?\d+$/)])

const fieldSchemas = {
  name: z.union([z.string(), z.int()]).meta({
    description: `Event name, at most ${number(nameGraphemesMax)} characters.`,
    examples: ['pageview'],
  }),
  url: z.string().meta({
    description: `URL of the page, at most ${number(urlBytesMax)} bytes; any scheme but data.`,
    examples: ['https://example.com/pricing?utm_source=news'],
  }),
  domain: z
    .string()
    .nullable()
    .meta({
      description: `Site, or up to ${number(sitesMax)} sites separated by commas. Without it the host of the URL.`,
      examples: ['example.com', 'example.com,all.example.org'],
    }),
  referrer: z
    .string()
    .nullable()
    .meta({
      description: `URL of the page before, cut to ${number(referrerGraphemesMax)} characters.`,
      examples: ['https://news.example.org/'],
    }),
  hashMode: wholeNumber
    .nullable()
    .meta({ description: '1 adds the fragment of the URL to its path.', examples: [1] }),
  interactive: z.boolean().meta({
    description: 'False when the event says nothing about a bounce. Default true.',
    examples: [false],
  }),
} as const

/** What a client may post to `/api/event`, for documents: `decodePlausible` reads more leniently and much faster. */
export const plausibleEventSchema = z
  .looseObject({
    n: fieldSchemas.name.optional(),
    name: fieldSchemas.name.optional(),
    u: fieldSchemas.url.optional(),
    url: fieldSchemas.url.optional(),
    d: fieldSchemas.domain.optional(),
    domain: fieldSchemas.domain.optional(),
    r: fieldSchemas.referrer.optional(),
    referrer: fieldSchemas.referrer.optional(),
    m: propsSchema.optional(),
    meta: propsSchema.optional(),
    p: propsSchema.optional(),
    props: propsSchema.optional(),
    h: fieldSchemas.hashMode.optional(),
    hashMode: fieldSchemas.hashMode.optional(),
    i: fieldSchemas.interactive.optional(),
    interactive: fieldSchemas.interactive.optional(),
    revenue: revenueSchema.optional(),
    $: revenueSchema.optional(),
    sd: wholeNumber
      .optional()
      .meta({ description: 'Scroll depth in percent, of an engagement event.', examples: [70] }),
    e: wholeNumber.optional().meta({
      description: `Engaged time in ms, of an engagement event; below ${number(engagementMsLimit)}.`,
      examples: [4_200],
    }),
    v: z
      .int()
      .optional()
      .meta({ description: 'Version of the tracker. Ignored.', examples: [36] }),
  })
  .meta({
    title: 'PlausibleEvent',
    description:
      'One event. Short and long names are read in this order; the first that is neither null nor false wins.',
    examples: [
      { n: 'pageview', u: 'https://example.com/pricing', d: 'example.com', r: 'https://news.example.org/' },
      {
        name: 'Purchase',
        url: 'https://example.com/thanks',
        domain: 'example.com',
        props: { plan: 'pro' },
        revenue: { amount: '15.99', currency: 'USD' },
      },
      { n: 'engagement', u: 'https://example.com/pricing', d: 'example.com', sd: 70, e: 4_200 },
    ],
  })
