import { readIdempotencyKey } from '../client-event-id.ts'
import type { DecodeContext, KeyedSite } from '../decode-context.ts'
import type { Decoded, DecodedEvent, DecodedRequest, Refusal } from '../decoded.ts'
import type { Revenue } from '../revenue.ts'
import { serverAgent } from '../server-agent.ts'
import { exceedsBytes } from '../text-length.ts'
import { headerText, type WireRequest } from '../wire-request.ts'
import { octethAccepted } from './accepted.ts'
import { givenText, isAbsent, readEntries, readParameters, type Parameters } from './body.ts'
import { isAdmitted, isCommand, readList } from './caller.ts'
import { readConversion } from './conversion.ts'
import { concealEmails, emailHash, isEmail } from '../email.ts'
import { readEventName, type EventName } from './event-name.ts'
import { readPage } from './page.ts'
import { octethProps } from './props.ts'
import { authenticationFailure, eventErrors, idTooLong, unknownCommand } from './refusal.ts'

/** An `ID` with more is refused: cut, it would be somebody else's. */
export const octethIdBytesMax = 300

/** `POST /api/v1/event`: one event of a subscriber of a list. Never throws; the first thing that is wrong is answered. */
export function decodeOcteth(request: WireRequest, context: DecodeContext): Decoded {
  const body = readParameters(request)
  if (!body.ok) return refused(body.refusal)
  const { parameters } = body
  if (!isAdmitted(request, parameters, context.keys)) return refused(authenticationFailure)
  if (!isCommand(parameters, 'event.track')) return refused(unknownCommand)
  const list = readList(parameters, context.keys)
  if (typeof list === 'string') return refused(eventErrors.list)
  const name = readEventName(parameters)
  if (name === undefined) return refused(eventErrors.noEvent)
  if (isAbsent(parameters.get('email'))) return refused(eventErrors.noEmail)
  const email = givenText(parameters.get('email'))
  if (email === undefined || !isEmail(email)) return refused(eventErrors.email)
  const id = givenText(parameters.get('id'))
  if (id !== undefined && exceedsBytes(id, octethIdBytesMax)) return refused(idTooLong)
  const properties = readEntries(parameters.get('properties'))
  const conversion = name.canonical === 'conversion' ? readConversion(properties) : undefined
  if (conversion?.ok === false) return refused(conversion.refusal)
  const revenue = conversion?.revenue
  const clientEventId = readClientEventId(request, parameters)
  const userAgent = serverAgent(headerText(request, 'user-agent'))
  const sent = { ...list, name, email, id, properties, revenue, clientEventId, parameters, userAgent }
  return taken(sent, context)
}

interface SentEvent {
  readonly listId: number
  readonly site: KeyedSite
  readonly name: EventName
  readonly email: string
  readonly id: string | undefined
  readonly properties: readonly (readonly [string, unknown])[]
  readonly revenue: Revenue | undefined
  readonly clientEventId: string | undefined
  readonly parameters: Parameters
  readonly userAgent: string | undefined
}

function taken(sent: SentEvent, context: DecodeContext): DecodedRequest {
  const { name, id, clientEventId, listId, site } = sent
  const isTest = sent.properties.some(([key, value]) => key.toLowerCase() === 'istest' && isYes(value))
  const accepted = octethAccepted({
    clientEventId,
    id,
    isIdentify: name.canonical === 'identify',
    isTest,
    newId: context.newId,
  })
  if (isTest) return { ok: true, events: [], accepted }
  const subscriber = { site: site.domain, listId, emailHash: emailHash(sent.email) }
  return { ok: true, events: [eventOf(sent)], accepted, subscriber }
}

function eventOf(sent: SentEvent): DecodedEvent {
  const { listId, site, name, email, id, revenue, clientEventId, userAgent } = sent
  const { keepsEmails } = site
  const isIdentify = name.canonical === 'identify'
  const own: [string, string][] = [
    ['ListID', String(listId)],
    ['email', keepsEmails ? email : emailHash(email)],
  ]
  if (id !== undefined) own.push(['ID', keepsEmails ? id : concealEmails(id)])
  if (name.sent !== name.canonical) own.push(['Event', name.sent])
  const props = octethProps({
    own,
    properties: sent.properties,
    identifyProperties: readEntries(sent.parameters.get('identifyproperties')),
    isIdentify,
    keepsEmails,
  })
  return {
    sites: [site.domain],
    name: name.canonical,
    ...readPage(new Map(sent.properties), { keepsEmails }),
    props,
    interactive: !isIdentify,
    scrollDepth: 0,
    engagementMs: 0,
    visitorId: id ?? emailHash(email),
    ...(revenue === undefined ? {} : { revenue }),
    ...(clientEventId === undefined ? {} : { clientEventId }),
    ...(userAgent === undefined ? {} : { userAgent }),
  }
}

/** What the client repeats: its `UUID`, in whatever form, or else the header that serves every protocol. */
function readClientEventId(request: WireRequest, parameters: Parameters): string | undefined {
  const uuid = givenText(parameters.get('uuid'))
  const own = uuid === undefined ? undefined : readIdempotencyKey(uuid)
  return own ?? readIdempotencyKey(headerText(request, 'idempotency-key'))
}

function isYes(value: unknown): boolean {
  return value === true || value === 1 || (typeof value === 'string' && /^\s*(?:true|1)\s*$/i.test(value))
}

function refused(refusal: Refusal): Decoded {
  return { ok: false, ...refusal }
}
