import type { KeyedSite } from '../decode-context.ts'
import type { DecodedEvent } from '../decoded.ts'
import { readIdempotencyKey } from '../client-event-id.ts'
import { serverAgent } from '../server-agent.ts'
import { cutBytes } from '../text-length.ts'
import { firstGiven, isGiven } from './alias.ts'
import { readCreatedAt } from './created-at.ts'
import { noPage, readPlace, readVisit, type VisitedPage } from './page.ts'
import { agentOf, readParams, unstoredParams, type Fields } from './params.ts'
import type { Problem } from './problem.ts'
import { readProps } from './props.ts'
import { storableText } from './storable.ts'
import { readEventUid, readUid } from './uid.ts'

/** What a call is about: its route says it, or in a batch its `method`. */
export type CallMethod = 'event' | 'pageview' | 'contact' | 'account' | 'email' | 'element'

/** What every call of a request shares. */
export interface CallContext {
  readonly site: KeyedSite
  /** The request's. */
  readonly userAgent: string
  /** For a call without an id of its own. */
  readonly clientEventId: string | undefined
}

export type ReadCall =
  { readonly ok: true; readonly event: DecodedEvent } | ({ readonly ok: false } & Problem)

const userAgentBytesMax = 2_000

/**
 * A page view is `pageview`, any other event what `event_uid` calls it; the calls that set something are `contact`, `account`,
 * `email` and `element`, none of them the visitor's doing.
 */
export function readCall(method: CallMethod, fields: Fields, context: CallContext): ReadCall {
  const read = readParams(fields.params)
  if (!read.ok) return read
  const { params } = read
  const about = readSubject(method, fields, params)
  if (!about.ok) return about
  const { page } = about
  const { site } = context
  const props = readProps(propsOf(fields, params, about), site)
  const clientEventId = readMessageId(fields) ?? context.clientEventId
  const occurredAt = readCreatedAt(fields.created_at)
  const userAgent = agentOf(params) ?? serverAgent(context.userAgent)
  const event = {
    sites: [site.domain],
    name: storableText(about.name, site),
    hostname: page.hostname,
    pathname: storableText(page.pathname, site),
    query: page.query,
    title: storableText(page.title, site),
    referrer: storableText(page.referrer, site),
    props,
    interactive: method === 'event' || method === 'pageview',
    scrollDepth: 0,
    engagementMs: 0,
    visitorId: about.visitorId,
    ...(userAgent === undefined ? {} : { userAgent: cutBytes(userAgent, userAgentBytesMax) }),
    ...(clientEventId === undefined ? {} : { clientEventId }),
    ...(occurredAt === undefined ? {} : { occurredAt }),
  }
  return { ok: true, event }
}

interface Subject {
  readonly name: string
  readonly visitorId: string
  readonly page: VisitedPage
  /** Top-level fields that are a property under their own name. */
  readonly ownProps: Fields
}

type ReadSubject = ({ readonly ok: true } & Subject) | ({ readonly ok: false } & Problem)

function readSubject(method: CallMethod, fields: Fields, params: Fields): ReadSubject {
  switch (method) {
    case 'account':
      return readObject(
        'account',
        readUid('account_uid', fields.account_uid, fields.unique_id, params.account_uid),
        fields,
      )
    case 'element':
      return readObject('element', readUid('unique_id', fields.unique_id, fields.element_uid), fields)
    case 'contact':
    case 'email': {
      const contact = readContact(fields)
      if (!contact.ok) return contact
      const template = method === 'email' ? { event_uid: eventUidOf(fields) } : {}
      return { ok: true, name: method, visitorId: contact.uid, page: noPage, ownProps: template }
    }
    case 'event':
    case 'pageview':
      return readHappening(method, fields, params)
  }
}

/** An account or element has no visitor of its own: it stands for itself, unless the call names a contact. */
function readObject(
  name: 'account' | 'element',
  given: ReturnType<typeof readUid>,
  fields: Fields,
): ReadSubject {
  if (!given.ok) return given
  const { uid } = given
  const ownProps = name === 'account' ? { account_uid: uid } : { unique_id: uid }
  const subject = { ok: true as const, name, page: noPage, ownProps }
  if (!isGiven(fields.contact_uid)) return { ...subject, visitorId: `${name}:${uid}` }
  const contact = readUid('contact_uid', fields.contact_uid)
  return contact.ok ? { ...subject, visitorId: contact.uid } : contact
}

function readHappening(method: 'event' | 'pageview', fields: Fields, params: Fields): ReadSubject {
  const contact = readContact(fields)
  if (!contact.ok) return contact
  // The document calls `event_uid` optional for a page view, which then only its URL gives away.
  const given = eventUidOf(fields) ?? (isGiven(params.visit_url) ? pageviewName : undefined)
  const event =
    method === 'pageview' ? { ok: true as const, uid: pageviewName } : readEventUid('event_uid', given)
  if (!event.ok) return event
  const isPageview = event.uid === pageviewName
  const page = isPageview ? readVisit(params) : { ok: true as const, ...readPlace(params) }
  if (!page.ok) return page
  return { ok: true, name: event.uid, visitorId: contact.uid, page, ownProps: {} }
}

const pageviewName = 'pageview'

function readContact(fields: Fields) {
  return readUid('contact_uid', fields.contact_uid, fields.unique_id)
}

/** Ruby's client calls it `event`. */
function eventUidOf(fields: Fields): unknown {
  return firstGiven(fields.event_uid, fields.event, fields.name)
}

function readMessageId({ messageId }: Fields): string | undefined {
  return typeof messageId === 'string' ? readIdempotencyKey(messageId) : undefined
}

/** What the call says of itself comes first, so that no number of params can push it out. */
function propsOf(fields: Fields, params: Fields, { page, ownProps }: Subject): Map<string, unknown> {
  const props = new Map(Object.entries(ownProps))
  for (const name of ['account_uid', 'display_name', 'created_at']) {
    if (!props.has(name)) props.set(name, firstGiven(params[name], fields[name]))
  }
  for (const [name, value] of Object.entries(params)) {
    if (!props.has(name) && !unstoredParams.has(name) && !page.readFrom.has(name)) props.set(name, value)
  }
  return props
}
