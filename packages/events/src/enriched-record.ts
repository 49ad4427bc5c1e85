import * as z from 'zod'
import { dropReasons } from './drop-reason.ts'
import { protocols } from './protocol.ts'

/** Columns that an event may set for the rest of its session. */
export const overridableColumns = [
  'country',
  'subdivision1',
  'subdivision2',
  'cityGeonameId',
  'city',
  'browser',
  'browserVersion',
  'os',
  'osVersion',
  'device',
  'language',
] as const

export type OverridableColumn = (typeof overridableColumns)[number]

export const enrichedEventSchema = z.object({
  kind: z.literal('event'),
  /** Offset of the raw record it came from, in the partition of the same number. */
  rawOffset: z.number(),
  /** The producer's clock at receipt, Unix milliseconds. */
  receivedAt: z.number(),
  /** When it happened, Unix seconds. */
  timestamp: z.number(),
  protocol: z.enum(protocols),
  site: z.string(),
  name: z.string(),
  /** 64-bit visitor id under the salt of the day of `receivedAt`, 16 hex digits. */
  userId: z.string(),
  /** The same visitor under the day before's salt; equal to `userId` for visitors who came with an id. */
  previousUserId: z.string(),
  visitorId: z.string(),
  hostname: z.string(),
  pathname: z.string(),
  title: z.string(),
  referrer: z.string(),
  source: z.string(),
  channel: z.string(),
  utmSource: z.string(),
  utmMedium: z.string(),
  utmCampaign: z.string(),
  utmContent: z.string(),
  utmTerm: z.string(),
  clickIdParam: z.string(),
  /** ISO 3166-1 alpha-2, or empty. */
  country: z.string(),
  /** ISO 3166-2, or empty. */
  subdivision1: z.string(),
  subdivision2: z.string(),
  /** GeoNames id, or 0. */
  cityGeonameId: z.number(),
  city: z.string(),
  /** Autonomous system number, or 0. */
  asn: z.number(),
  browser: z.string(),
  browserVersion: z.string(),
  os: z.string(),
  osVersion: z.string(),
  /** Mobile, Tablet, Desktop, or empty. */
  device: z.string(),
  language: z.string(),
  props: z.array(z.tuple([z.string(), z.string()])),
  scrollDepth: z.number(),
  engagementMs: z.number(),
  interactive: z.boolean(),
  /** Decimal text with at most 4 digits after the point; empty without revenue. */
  revenue: z.string(),
  currency: z.string(),
  isBot: z.boolean(),
  botReason: z.string(),
  /** Classes of the address (`datacenter`, `vpn`, ...), comma separated in that order; empty for none. */
  ipClass: z.string(),
  clientEventId: z.string(),
  /** Columns of this event that hold for the rest of its session (of device and place); absent for none. */
  overrides: z.array(z.enum(overridableColumns)).optional(),
  /** Which data files and rules said so. */
  enrichmentVersion: z.string(),
})

export const enrichedDropSchema = z.object({
  kind: z.literal('drop'),
  rawOffset: z.number(),
  receivedAt: z.number(),
  reason: z.enum(dropReasons),
  protocol: z.enum(protocols),
  site: z.string(),
  hostname: z.string(),
  pathname: z.string(),
  userAgent: z.string(),
})

/** The order of the fields is that of the values in a record's array. */
export const enrichedRecordSchema = z.discriminatedUnion('kind', [enrichedEventSchema, enrichedDropSchema])

export type EnrichedEvent = z.infer<typeof enrichedEventSchema>
export type EnrichedDrop = z.infer<typeof enrichedDropSchema>

/** Value of an enriched record: the event, or the fact that a rule dropped it. */
export type EnrichedRecord = EnrichedEvent | EnrichedDrop
