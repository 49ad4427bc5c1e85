import { readIdempotencyKey } from '../client-event-id.ts'
import type { Decoded } from '../decoded.ts'
import { readRevenue, type Revenue } from '../revenue.ts'
import { headerText, type WireRequest } from '../wire-request.ts'
import { plausibleAccepted } from './accepted.ts'
import { firstGiven, isGiven } from './alias.ts'
import { fieldsAsWritten, objectOrJsonText, readFields, type Fields } from './body.ts'
import { readEngagement } from './engagement.ts'
import { readName } from './event-name.ts'
import { readPage, readReferrer, readSites } from './page.ts'
import { readProps } from './props.ts'
import { refusal, type Problem } from './refusal.ts'

/**
 * `POST /api/event`: one event for one or more sites. Never throws; what is wrong is answered all together, and then
 * nothing is stored for any site. Unknown fields and the tracker's version `v` are ignored.
 */
export function decodePlausible(request: WireRequest): Decoded {
  const body = readFields(request)
  if (!body.ok) return { ok: false, ...body.refusal }
  const { fields } = body
  const problems: Problem[] = []
  const name = readName(fields, problems)
  const page = readPage(fields, problems)
  const sites = readSites(fields, page, problems)
  const props = readProps(fields, { name, pathname: page?.pathname ?? '' }, problems, () =>
    fieldsAsWritten(request),
  )
  const { scrollDepth, engagementMs } = readEngagement(name, fields, problems)
  if (page === undefined || problems.length > 0) return { ok: false, ...refusal(400, problems) }
  const revenue = readEventRevenue(fields)
  const clientEventId = readIdempotencyKey(headerText(request, 'idempotency-key'))
  const event = {
    sites,
    name,
    hostname: page.hostname,
    pathname: page.pathname,
    query: page.query,
    title: '',
    referrer: readReferrer(fields),
    props,
    interactive: readInteractive(name, fields),
    scrollDepth,
    engagementMs,
    ...(revenue === undefined ? {} : { revenue }),
    ...(clientEventId === undefined ? {} : { clientEventId }),
  }
  return { ok: true, events: [event], accepted: plausibleAccepted }
}

/**
 * Whether the event counts as the visitor's doing. `i: false` is honoured as Plausible documents it (its own server
 * reads it as absent: community-edition issue 268), and a page view is interactive whatever the client says.
 */
function readInteractive(name: string, fields: Fields): boolean {
  if (name === 'pageview') return true
  const given = fields.i === false || isGiven(fields.i) ? fields.i : fields.interactive
  return given !== false
}

/** Invalid revenue is ignored without an error. */
function readEventRevenue(fields: Fields): Revenue | undefined {
  const given = objectOrJsonText(firstGiven(fields.revenue, fields.$))
  return given === undefined ? undefined : readRevenue(given)
}
