/**
 * Enriched records as arrays of their values, in the order of the schemas: half the time and a third of the bytes of objects
 * that name every field. Everything is written out, since a loop over a table of fields costs as much as the JSON.
 */
import { dropReasons } from './drop-reason.ts'
import {
  overridableColumns,
  type EnrichedDrop,
  type EnrichedEvent,
  type EnrichedRecord,
} from './enriched-record.ts'
import { isFlag, isNumber, isPairs, isText, oneOf, type Unchecked } from './field-checks.ts'
import { protocols } from './protocol.ts'

/** First value of every record. It counts up when a value is added, moved or taken away. */
export const formatVersion = 1

export function valuesOf(record: EnrichedRecord): readonly unknown[] {
  return record.kind === 'event' ? eventValues(record) : dropValues(record)
}

/** @throws Error when the values are not of a format that is known here; what each of them is, remains to be checked */
export function uncheckedOf(values: readonly unknown[]): Unchecked<EnrichedEvent> | Unchecked<EnrichedDrop> {
  const [version, kind] = values
  if (version !== formatVersion) throw new Error(`format version ${JSON.stringify(version)} is not known`)
  if (kind === 'event') return uncheckedEvent(values)
  if (kind === 'drop') return uncheckedDrop(values)
  throw new Error(`kind ${JSON.stringify(kind)} is not known`)
}

export function isEnrichedRecord(
  found: Unchecked<EnrichedEvent> | Unchecked<EnrichedDrop>,
): found is EnrichedRecord {
  return found.kind === 'event'
    ? isEvent(found as Unchecked<EnrichedEvent>)
    : isDrop(found as Unchecked<EnrichedDrop>)
}

const eventValuesMin = 46
const dropValuesCount = 10

function eventValues(event: EnrichedEvent): readonly unknown[] {
  const values: unknown[] = [
    formatVersion,
    event.kind,
    event.rawOffset,
    event.receivedAt,
    event.timestamp,
    event.protocol,
    event.site,
    event.name,
    event.userId,
    event.previousUserId,
    event.visitorId,
    event.hostname,
    event.pathname,
    event.title,
    event.referrer,
    event.source,
    event.channel,
    event.utmSource,
    event.utmMedium,
    event.utmCampaign,
    event.utmContent,
    event.utmTerm,
    event.clickIdParam,
    event.country,
    event.subdivision1,
    event.subdivision2,
    event.cityGeonameId,
    event.city,
    event.asn,
    event.browser,
    event.browserVersion,
    event.os,
    event.osVersion,
    event.device,
    event.language,
    event.props,
    event.scrollDepth,
    event.engagementMs,
    event.interactive,
    event.revenue,
    event.currency,
    event.isBot,
    event.botReason,
    event.ipClass,
    event.clientEventId,
    event.enrichmentVersion,
  ]
  if (event.overrides !== undefined) values.push(event.overrides)
  return values
}

function uncheckedEvent(values: readonly unknown[]): Unchecked<EnrichedEvent> {
  checkLength(values, eventValuesMin, eventValuesMin + 1)
  const found: Unchecked<EnrichedEvent> = {
    kind: values[1],
    rawOffset: values[2],
    receivedAt: values[3],
    timestamp: values[4],
    protocol: values[5],
    site: values[6],
    name: values[7],
    userId: values[8],
    previousUserId: values[9],
    visitorId: values[10],
    hostname: values[11],
    pathname: values[12],
    title: values[13],
    referrer: values[14],
    source: values[15],
    channel: values[16],
    utmSource: values[17],
    utmMedium: values[18],
    utmCampaign: values[19],
    utmContent: values[20],
    utmTerm: values[21],
    clickIdParam: values[22],
    country: values[23],
    subdivision1: values[24],
    subdivision2: values[25],
    cityGeonameId: values[26],
    city: values[27],
    asn: values[28],
    browser: values[29],
    browserVersion: values[30],
    os: values[31],
    osVersion: values[32],
    device: values[33],
    language: values[34],
    props: values[35],
    scrollDepth: values[36],
    engagementMs: values[37],
    interactive: values[38],
    revenue: values[39],
    currency: values[40],
    isBot: values[41],
    botReason: values[42],
    ipClass: values[43],
    clientEventId: values[44],
    enrichmentVersion: values[45],
  }
  if (values.length > eventValuesMin) found.overrides = values[eventValuesMin]
  return found
}

function isEvent(found: Unchecked<EnrichedEvent>): boolean {
  return (
    isNumber(found.rawOffset) &&
    isNumber(found.receivedAt) &&
    isNumber(found.timestamp) &&
    isProtocol(found.protocol) &&
    isText(found.site) &&
    isText(found.name) &&
    isText(found.userId) &&
    isText(found.previousUserId) &&
    isText(found.visitorId) &&
    isText(found.hostname) &&
    isText(found.pathname) &&
    isText(found.title) &&
    isText(found.referrer) &&
    isText(found.source) &&
    isText(found.channel) &&
    isText(found.utmSource) &&
    isText(found.utmMedium) &&
    isText(found.utmCampaign) &&
    isText(found.utmContent) &&
    isText(found.utmTerm) &&
    isText(found.clickIdParam) &&
    isText(found.country) &&
    isText(found.subdivision1) &&
    isText(found.subdivision2) &&
    isNumber(found.cityGeonameId) &&
    isText(found.city) &&
    isNumber(found.asn) &&
    isText(found.browser) &&
    isText(found.browserVersion) &&
    isText(found.os) &&
    isText(found.osVersion) &&
    isText(found.device) &&
    isText(found.language) &&
    isPairs(found.props) &&
    isNumber(found.scrollDepth) &&
    isNumber(found.engagementMs) &&
    isFlag(found.interactive) &&
    isText(found.revenue) &&
    isText(found.currency) &&
    isFlag(found.isBot) &&
    isText(found.botReason) &&
    isText(found.ipClass) &&
    isText(found.clientEventId) &&
    isText(found.enrichmentVersion) &&
    (found.overrides === undefined || isOverrides(found.overrides))
  )
}

function dropValues(drop: EnrichedDrop): readonly unknown[] {
  return [
    formatVersion,
    drop.kind,
    drop.rawOffset,
    drop.receivedAt,
    drop.reason,
    drop.protocol,
    drop.site,
    drop.hostname,
    drop.pathname,
    drop.userAgent,
  ]
}

function uncheckedDrop(values: readonly unknown[]): Unchecked<EnrichedDrop> {
  checkLength(values, dropValuesCount, dropValuesCount)
  const [, kind, rawOffset, receivedAt, reason, protocol, site, hostname, pathname, userAgent] = values
  return {
    kind,
    rawOffset,
    receivedAt,
    reason,
    protocol,
    site,
    hostname,
    pathname,
    userAgent,
  }
}

function isDrop(found: Unchecked<EnrichedDrop>): boolean {
  return (
    isNumber(found.rawOffset) &&
    isNumber(found.receivedAt) &&
    isDropReason(found.reason) &&
    isProtocol(found.protocol) &&
    isText(found.site) &&
    isText(found.hostname) &&
    isText(found.pathname) &&
    isText(found.userAgent)
  )
}

function checkLength(values: readonly unknown[], min: number, max: number): void {
  if (values.length < min || values.length > max) {
    throw new Error(`${values.length} values, not ${min === max ? min : `${min} or ${max}`}`)
  }
}

const isProtocol = oneOf(protocols)
const isDropReason = oneOf(dropReasons)
const isOverridable = oneOf(overridableColumns)

function isOverrides(value: unknown): boolean {
  return Array.isArray(value) && value.every(isOverridable)
}
