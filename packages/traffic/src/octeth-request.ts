import { browserHeaders } from './request-headers.ts'
import type { TrafficRequest } from './traffic-request.ts'
import type { Step, Visit } from './visit.ts'
import type { WireContext } from './wire-context.ts'

/** The key that all Octeth requests bring, and the list of the site of that rank. */
export const octethApiKey = 'load'
export function octethListId(site: number): number {
  return site
}

/** `POST /api/v1/event` as the tracker of an Octeth server sends it, one event of a subscriber. */
export function octethRequest(visit: Visit, { browsing, run }: WireContext): TrafficRequest {
  const { visitor, origin } = visit
  const { Event, Properties } = eventOf(visit.next(browsing), visitor.id)
  return {
    protocol: 'octeth',
    method: 'POST',
    path: '/api/v1/event',
    headers: browserHeaders(visitor, { origin, contentType: 'application/json' }),
    body: JSON.stringify({
      Command: 'event.track',
      APIKey: octethApiKey,
      ListID: octethListId(visitor.site),
      Event,
      Email: `reader${String(visitor.id)}@mail.example`,
      ID: `reader-${String(visitor.id)}`,
      Properties: { ...Properties, run },
    }),
    events: 1,
    visitor: visitor.id,
  }
}

function eventOf(step: Step, reader: number): { Event: string; Properties: Record<string, unknown> } {
  const page = { $current_url: step.url, $page_title: step.page.title }
  switch (step.kind) {
    case 'pageview':
      return {
        Event: 'pageView',
        Properties: { ...page, $referrer: step.referrer === '' ? '$direct' : step.referrer },
      }
    case 'engagement':
      return {
        Event: 'pageRead',
        Properties: { ...page, seconds: Math.round(step.engagementMs / 1000), scroll: step.scrollDepth },
      }
    case 'action':
      if (step.name === 'Signup') {
        return { Event: 'identify', Properties: { firstName: `Reader ${String(reader)}`, ...step.props } }
      }
      return { Event: step.name, Properties: { ...page, ...step.props } }
    case 'purchase': {
      const conversion = {
        'conversion-id': `order-${String(reader)}-${step.amount}`,
        'conversion-name': step.plan,
        'conversion-value': Number(step.amount),
        'conversion-currency': 'EUR',
      }
      return { Event: 'conversion', Properties: { ...page, ...conversion } }
    }
  }
}
