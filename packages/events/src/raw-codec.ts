import { dropReasons } from './drop-reason.ts'
import {
  isFlag,
  isNumber,
  isObject,
  isPairs,
  isText,
  isTextOrAbsent,
  oneOf,
  type Unchecked,
} from './field-checks.ts'
import { protocols } from './protocol.ts'
import { rawEventSchema, receivedAtMax, type ClientHints, type RawEvent } from './raw-event.ts'
import { UndecodableRecordError } from './undecodable-record-error.ts'

export function encodeRawEvent(event: RawEvent): Buffer {
  return Buffer.from(JSON.stringify(event))
}

/** @throws UndecodableRecordError when the bytes are not a raw event; its cause names the field */
export function decodeRawEvent(value: Buffer): RawEvent {
  try {
    const read: unknown = JSON.parse(value.toString('utf8'))
    return checkedEvent(read) ?? rawEventSchema.parse(read)
  } catch (cause) {
    throw new UndecodableRecordError('not a raw event', { cause })
  }
}

/** The event, when nothing rare is in it and nothing wrong: a schema takes as long to say so as JSON to be read. */
function checkedEvent(read: unknown): RawEvent | undefined {
  if (!isObject(read)) return undefined
  const event = fieldsOf(read as Unchecked<RawEvent>)
  return isUsual(event) ? event : undefined
}

/** Every field at its place, absent ones too: what reads events afterwards meets one shape of object, not hundreds. */
function fieldsOf(read: Unchecked<RawEvent>): Unchecked<RawEvent> {
  return {
    protocol: read.protocol,
    site: read.site,
    name: read.name,
    receivedAt: read.receivedAt,
    hostname: read.hostname,
    pathname: read.pathname,
    query: read.query,
    title: read.title,
    referrer: read.referrer,
    props: read.props,
    interactive: read.interactive,
    scrollDepth: read.scrollDepth,
    engagementMs: read.engagementMs,
    revenue: read.revenue,
    visitorId: read.visitorId,
    clientEventId: read.clientEventId,
    occurredAt: read.occurredAt,
    overrides: read.overrides,
    malformed: read.malformed,
    ip: read.ip,
    ipType: read.ipType,
    userAgent: read.userAgent,
    clientHints: hintsOf(read.clientHints),
    language: read.language,
    drop: read.drop,
    botReason: read.botReason,
    producerId: read.producerId,
    producerSequence: read.producerSequence,
  }
}

/** Events with money, overrides or a malformed piece are rare and have fields of their own; the schema reads them. */
function isUsual(event: Unchecked<RawEvent>): event is RawEvent {
  return (
    isProtocol(event.protocol) &&
    isText(event.site) &&
    isText(event.name) &&
    isInstant(event.receivedAt) &&
    isText(event.hostname) &&
    isText(event.pathname) &&
    isText(event.query) &&
    isText(event.title) &&
    isText(event.referrer) &&
    isPairs(event.props) &&
    isFlag(event.interactive) &&
    isNumber(event.scrollDepth) &&
    isNumber(event.engagementMs) &&
    event.revenue === undefined &&
    isTextOrAbsent(event.visitorId) &&
    isTextOrAbsent(event.clientEventId) &&
    (event.occurredAt === undefined || isNumber(event.occurredAt)) &&
    event.overrides === undefined &&
    event.malformed === undefined &&
    isText(event.ip) &&
    (event.ipType === undefined || event.ipType === 'anonymous_vpn_ip') &&
    isText(event.userAgent) &&
    (event.clientHints === undefined || areHints(event.clientHints)) &&
    isText(event.language) &&
    (event.drop === undefined || isDropReason(event.drop)) &&
    isTextOrAbsent(event.botReason) &&
    isText(event.producerId) &&
    isNumber(event.producerSequence)
  )
}

function isInstant(value: unknown): boolean {
  return isNumber(value) && value >= 0 && value <= receivedAtMax
}

/** What is no object stays as it is, for the check after it. */
function hintsOf(read: unknown): unknown {
  if (!isObject(read)) return read
  const { brands, platform, platformVersion, model, mobile } = read as Unchecked<ClientHints>
  return { brands, platform, platformVersion, model, mobile }
}

function areHints(hints: unknown): boolean {
  if (!isObject(hints)) return false
  const { brands, platform, platformVersion, model, mobile } = hints as Unchecked<ClientHints>
  return (
    isTextOrAbsent(brands) &&
    isTextOrAbsent(platform) &&
    isTextOrAbsent(platformVersion) &&
    isTextOrAbsent(model) &&
    isTextOrAbsent(mobile)
  )
}

const isProtocol = oneOf(protocols)
const isDropReason = oneOf(dropReasons)
