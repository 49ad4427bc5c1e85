import { browserHeaders, serverHeaders } from './request-headers.ts'
import type { TrafficRequest } from './traffic-request.ts'
import type { Step, Visit } from './visit.ts'
import type { WireContext } from './wire-context.ts'

/** A server's client sends what it has collected, at most 100 calls; here those of one contact. */
const callsPerBatchMax = 12
const contactsPerAccount = 20

/** Token of the site of that rank. */
export function successEveToken(site: number): string {
  return `load-site${String(site)}`
}

/** As one of three kinds of clients sends it, by site: in batches, as JSON, or as a GET with base64. */
export function successEveRequest(visit: Visit, context: WireContext): TrafficRequest {
  switch (visit.visitor.site % 3) {
    case 0:
      return getRequest(visit, context)
    case 1:
      return batchRequest(visit, context)
    default:
      return jsonRequest(visit, context)
  }
}

/** `salesmachine-python`: the token as the user of Basic, a JSON array of calls. */
function batchRequest(visit: Visit, context: WireContext): TrafficRequest {
  const { visitor } = visit
  const isFirst = visit.isFresh
  const steps = 1 + context.browsing.random.below(callsPerBatchMax)
  const calls: object[] = []
  for (let step = 0; step < steps && !visit.isOver; step++) {
    calls.push({ method: 'event', ...eventCall(visit, context) })
    // A session has the device of its first event, and these calls know none.
    if (isFirst && step === 0) calls.push(contactCall(visit, context), accountCall(visit, context))
  }
  const headers = serverHeaders(visitor, {
    userAgent: 'python-requests/2.32.3',
    contentType: 'application/json',
  })
  const token = Buffer.from(`${successEveToken(visitor.site)}:`).toString('base64')
  return {
    protocol: 'successeve',
    method: 'POST',
    path: '/v1/batch',
    headers: { ...headers, authorization: `Basic ${token}` },
    body: JSON.stringify(calls),
    events: calls.length,
    visitor: visitor.id,
  }
}

function jsonRequest(visit: Visit, context: WireContext): TrafficRequest {
  const { visitor, origin } = visit
  return {
    protocol: 'successeve',
    method: 'POST',
    path: `/v1/track/event?api_token=${successEveToken(visitor.site)}`,
    headers: browserHeaders(visitor, { origin, contentType: 'application/json' }),
    body: JSON.stringify(eventCall(visit, context)),
    events: 1,
    visitor: visitor.id,
  }
}

/** `salesmachine-node`: everything in the query. */
function getRequest(visit: Visit, context: WireContext): TrafficRequest {
  const { visitor } = visit
  const data = Buffer.from(JSON.stringify(eventCall(visit, context))).toString('base64')
  const query = `api_token=${successEveToken(visitor.site)}&encode=base64&_method=post&data=${encodeURIComponent(data)}`
  return {
    protocol: 'successeve',
    method: 'GET',
    path: `/v1/track/event?${query}`,
    headers: serverHeaders(visitor, { userAgent: 'node-superagent/3.8.3', contentType: 'application/json' }),
    body: '',
    events: 1,
    visitor: visitor.id,
  }
}

function eventCall(visit: Visit, context: WireContext): object {
  const step = visit.next(context.browsing)
  const { event_uid, params } = happening(step)
  const { visitor } = visit
  return {
    contact_uid: contactOf(visit),
    event_uid,
    params: {
      account_uid: accountOf(visit),
      visit_url: step.url,
      ...params,
      visit_agent: visitor.browser.userAgent,
      run: context.run,
    },
  }
}

function happening(step: Step): { event_uid: string; params: Record<string, unknown> } {
  switch (step.kind) {
    case 'pageview': {
      const referrer = step.referrer === '' ? {} : { referrer: step.referrer }
      return { event_uid: 'pageview', params: { page_title: step.page.title, ...referrer } }
    }
    case 'engagement':
      return { event_uid: 'page_read', params: { seconds: Math.round(step.engagementMs / 1000) } }
    case 'action':
      return { event_uid: step.name, params: { display_name: step.name, ...step.props } }
    case 'purchase':
      return { event_uid: 'purchase', params: { plan: step.plan, amount: Number(step.amount) } }
  }
}

function contactCall(visit: Visit, { run }: WireContext): object {
  const name = `Contact ${String(visit.visitor.id)}`
  return {
    method: 'contact',
    contact_uid: contactOf(visit),
    params: { name, account_uid: accountOf(visit), run },
  }
}

function accountCall(visit: Visit, { run }: WireContext): object {
  const account_uid = accountOf(visit)
  return {
    method: 'account',
    account_uid,
    contact_uid: contactOf(visit),
    params: { name: `Company ${account_uid}`, run },
  }
}

function contactOf({ visitor }: Visit): string {
  return String(visitor.id)
}

function accountOf({ visitor }: Visit): string {
  return `a${String(Math.ceil(visitor.id / contactsPerAccount))}`
}
