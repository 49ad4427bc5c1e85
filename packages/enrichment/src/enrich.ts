import type { EnrichedEvent, RawEvent } from '@millrace/events'
import { AcquisitionReader } from './acquisition/acquisition-reader.ts'
import { UserAgentReader } from './client/user-agent-reader.ts'
import { nowhere } from './geo/geo-record.ts'
import type { Geo, GeoFacts } from './geo/geo.ts'
import { orderedClasses } from './geo/ip-class.ts'
import { visitorUserId } from './identity/user-id.ts'
import { VisitorReader, type SaltPair, type VisitorFacts } from './identity/visitor-reader.ts'
import { overridden } from './overrides/overridden.ts'

/** Counts up when a rule or table of this package changes what an event gets; part of `enrichmentVersion`. */
export const rulesVersion = 4

/** The country that stands for a place behind an anonymising network (Plausible, section 5.2). */
export const anonymousCountry = 'A1'

/** Older events than this are taken for sent by a wrong clock. */
const occurredAgeMsMax = 86_400_000

/** What enriching one record needs besides the record; the salts are those of the UTC day of `receivedAt`. */
export interface EnrichmentContext extends SaltPair {
  /** Offset of the raw record in its partition. */
  readonly rawOffset: number
}

/** Adds to a raw event all that can be known about it; the same in, the same out. */
export type Enricher = (raw: RawEvent, context: EnrichmentContext) => EnrichedEvent

/**
 * Composes the facts. Every column is named once below instead of spread from its fact: an object of 45 fields built from
 * spreads costs more than all the facts in it.
 */
export function createEnricher(options: {
  readonly geo: Geo
  readonly userAgents?: UserAgentReader
  readonly acquisitions?: AcquisitionReader
}): Enricher {
  const { geo, userAgents = new UserAgentReader(), acquisitions = new AcquisitionReader() } = options
  const visitors = new VisitorReader(userAgents)
  let dataVersion = geo.version
  let enrichmentVersion = versionOf(geo, acquisitions)
  return (raw, context) => {
    if (dataVersion !== geo.version) {
      dataVersion = geo.version
      enrichmentVersion = versionOf(geo, acquisitions)
    }
    const { userId, previousUserId, device } = hasOwnId(raw)
      ? visitorWithId(raw, userAgents)
      : visitors.read(raw, context)
    const came = acquisitions.read(raw)
    const place = placeOf(geo.lookup(raw.ip), raw.ipType)
    const event: EnrichedEvent = {
      kind: 'event',
      rawOffset: context.rawOffset,
      receivedAt: raw.receivedAt,
      timestamp: occurredSecond(raw),
      protocol: raw.protocol,
      site: raw.site,
      name: raw.name,
      userId,
      previousUserId,
      visitorId: raw.visitorId ?? '',
      hostname: raw.hostname,
      pathname: raw.pathname,
      title: raw.title,
      referrer: came.referrer,
      source: came.source,
      channel: came.channel,
      utmSource: came.utmSource,
      utmMedium: came.utmMedium,
      utmCampaign: came.utmCampaign,
      utmContent: came.utmContent,
      utmTerm: came.utmTerm,
      clickIdParam: came.clickIdParam,
      country: place.country,
      subdivision1: place.subdivision1,
      subdivision2: place.subdivision2,
      cityGeonameId: place.cityGeonameId,
      city: place.city,
      asn: place.asn,
      browser: device.browser,
      browserVersion: device.browserVersion,
      os: device.os,
      osVersion: device.osVersion,
      device: device.device,
      language: raw.language,
      props: raw.props,
      scrollDepth: raw.scrollDepth,
      engagementMs: raw.engagementMs,
      interactive: raw.interactive,
      revenue: raw.revenue?.amount ?? '',
      currency: raw.revenue?.currency ?? '',
      isBot: raw.botReason !== undefined,
      botReason: raw.botReason ?? '',
      ipClass: ipClass(geo, raw),
      clientEventId: raw.clientEventId ?? '',
      enrichmentVersion,
    }
    return raw.overrides === undefined ? event : overridden(event, raw.overrides)
  }
}

function versionOf(geo: Geo, acquisitions: AcquisitionReader): string {
  return [geo.version, acquisitions.version, `rules=${rulesVersion}`].filter((part) => part !== '').join(' ')
}

/** A client's clock counts when it is not ahead of ours and its event is at most a day old. Unix seconds. */
function occurredSecond({ receivedAt, occurredAt = receivedAt }: RawEvent): number {
  const isUsable = occurredAt <= receivedAt && receivedAt - occurredAt <= occurredAgeMsMax
  return Math.floor((isUsable ? occurredAt : receivedAt) / 1000)
}

type WithId = RawEvent & { readonly visitorId: string }

/** An anonymous visitor has two ids, so that a session across midnight keeps its own; one who came with an id has one. */
function visitorWithId(raw: WithId, userAgents: UserAgentReader): VisitorFacts {
  const userId = visitorUserId(raw.site, raw.visitorId)
  return { userId, previousUserId: userId, device: userAgents.read(raw.userAgent, raw.clientHints) }
}

function hasOwnId(raw: RawEvent): raw is WithId {
  return raw.visitorId !== undefined && raw.visitorId !== ''
}

/** Behind an anonymising network the place is unknown; who announces the address is not. */
function placeOf(facts: GeoFacts, ipType: RawEvent['ipType']): GeoFacts {
  return ipType === 'anonymous_vpn_ip' ? { ...facts, ...nowhere, country: anonymousCountry } : facts
}

function ipClass(geo: Geo, { ip, ipType }: RawEvent): string {
  const classes = geo.classes(ip)
  if (ipType === 'anonymous_vpn_ip') return orderedClasses([...classes, 'vpn']).join(',')
  return classes.length === 0 ? '' : classes.join(',')
}
