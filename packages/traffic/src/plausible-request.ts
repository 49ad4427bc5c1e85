import { browserHeaders } from './request-headers.ts'
import type { TrafficRequest } from './traffic-request.ts'
import type { Step, Visit } from './visit.ts'
import type { WireContext } from './wire-context.ts'

/** Every so many sites still use the older tracker. */
const olderTrackerEvery = 5

/** `POST /api/event` as `@plausible-analytics/tracker` sends it, or on some sites `plausible-tracker`. */
export function plausibleRequest(visit: Visit, { browsing, run }: WireContext): TrafficRequest {
  const { visitor, origin } = visit
  const step = visit.next(browsing)
  const fields = { ...fieldsOf(step, run), d: origin.slice('https://'.length) }
  const isOlder = visitor.site % olderTrackerEvery === 0 && step.kind !== 'engagement'
  const older = { ...fields, w: visitor.browser.screenWidth, h: 0, p: JSON.stringify(fields.p) }
  return {
    protocol: 'plausible',
    method: 'POST',
    path: '/api/event',
    headers: browserHeaders(visitor, { origin, contentType: 'text/plain' }),
    body: JSON.stringify(isOlder ? older : { ...fields, v: 36 }),
    events: 1,
    visitor: visitor.id,
  }
}

function fieldsOf(step: Step, run: string) {
  const { url: u } = step
  switch (step.kind) {
    case 'pageview':
      return { n: 'pageview', u, r: step.referrer === '' ? null : step.referrer, p: { run } }
    case 'engagement':
      return { n: 'engagement', u, sd: step.scrollDepth, e: step.engagementMs, p: { run } }
    case 'action':
      return { n: step.name, u, p: { ...step.props, run } }
    case 'purchase':
      return {
        n: 'Purchase',
        u,
        p: { plan: step.plan, run },
        $: { amount: Number(step.amount), currency: 'USD' },
      }
  }
}
