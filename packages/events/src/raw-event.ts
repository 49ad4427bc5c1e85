import * as z from 'zod'
import { dropReasons } from './drop-reason.ts'
import { protocols } from './protocol.ts'

const clientHintsSchema = z.object({
  /** `Sec-CH-UA-Full-Version-List`, or `Sec-CH-UA` where the full list is absent. */
  brands: z.string().optional(),
  platform: z.string().optional(),
  platformVersion: z.string().optional(),
  model: z.string().optional(),
  mobile: z.string().optional(),
})

export const overridesSchema = z.object({
  browser: z.string().optional(),
  browserVersion: z.string().optional(),
  os: z.string().optional(),
  /** Desktop, Mobile or Tablet. */
  device: z.string().optional(),
  /** Language tag. */
  language: z.string().optional(),
  /** ISO 3166-1 alpha-2 or the English name. */
  country: z.string().optional(),
  /** ISO 3166-2, or a name, which is not stored as a column. */
  region: z.string().optional(),
  city: z.string().optional(),
})

/** The end of the year 9999: what has a day. */
export const receivedAtMax = 253_402_300_799_999

export const rawEventSchema = z.object({
  protocol: z.enum(protocols),
  /** The site as addressed, leading `www.` removed. */
  site: z.string(),
  name: z.string(),
  /** The producer's clock at receipt, Unix milliseconds. */
  receivedAt: z.number().min(0).max(receivedAtMax),
  /** Lower limit of what a page is: host without leading `www.`, or `(none)`. */
  hostname: z.string(),
  pathname: z.string(),
  /** The page URL's query without `?`, undecoded; UTM tags and click ids are read from it. */
  query: z.string(),
  title: z.string(),
  /** The referrer URL as sent (cut to 2,000 characters), or empty. */
  referrer: z.string(),
  /** Property name and value, names unique. Pairs, so that no name can touch an object's prototype. */
  props: z.array(z.tuple([z.string(), z.string()])),
  interactive: z.boolean(),
  /** 0 to 100, or `scrollDepthMissing` on an engagement event without one. */
  scrollDepth: z.number(),
  engagementMs: z.number(),
  /** Amount as decimal text, at most 14 digits before and 4 after the point; currency ISO 4217. */
  revenue: z.object({ amount: z.string(), currency: z.string() }).optional(),
  /** The id a visitor came with (visitorCode, contact_uid, ID); absent for anonymous visitors. */
  visitorId: z.string().optional(),
  /** What a client repeats on a retry: Kameleoon nonce, Octeth UUID, or the Idempotency-Key header. */
  clientEventId: z.string().optional(),
  /** When it happened by the client's clock, Unix milliseconds; absent: when it was received. */
  occurredAt: z.number().optional(),
  /** What it says of the visitor's device and place, for itself and the rest of its session. */
  overrides: overridesSchema.optional(),
  /** Set on a piece of a request that is no event: it becomes a dead letter. */
  malformed: z.object({ cause: z.string(), text: z.string() }).optional(),
  /** Client address, canonical text, IPv4 unmapped; empty when unknown. Only raw records hold it. */
  ip: z.string(),
  /** What a trusted proxy says of the address (`X-Plausible-IP-Type`). */
  ipType: z.literal('anonymous_vpn_ip').optional(),
  userAgent: z.string(),
  clientHints: clientHintsSchema.optional(),
  /** First tag of `Accept-Language`, or empty. */
  language: z.string(),
  /** Set when a rule of the producer refused the event; it is booked as a drop, never stored as an event. */
  drop: z.enum(dropReasons).optional(),
  /** Set when the site marks bots instead of dropping them. */
  botReason: z.string().optional(),
  /**
   * Instance of the producer that wrote it, and that instance's sequence within the partition: from 1, growing; with gaps
   * where it is a place in an imported file.
   */
  producerId: z.string(),
  producerSequence: z.number(),
})

export type Overrides = z.infer<typeof overridesSchema>
export type ClientHints = z.infer<typeof clientHintsSchema>

/** Value of a raw record: one decoded event and the request facts that enrichment needs. */
export type RawEvent = z.infer<typeof rawEventSchema>
