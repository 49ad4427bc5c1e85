import { browserHeaders } from './request-headers.ts'
import type { TrafficRequest } from './traffic-request.ts'
import type { Step, Visit } from './visit.ts'
import type { WireContext } from './wire-context.ts'

/** The SDK collects what happens within a second or so. */
const stepsPerRequestMax = 3
const experiments = 12

/** Where a run's name is found: the protocol has no properties of one's own, but keeps the version of the SDK with every event. */
export function kameleoonSdkVersion(run: string): string {
  return `4.17.1-${run}`
}

/** Code of the site of that rank, 10 characters as the vendor's. */
export function kameleoonSiteCode(site: number): string {
  return `ld${String(site).padStart(8, '0')}`
}

/** `POST /visit/events` as `@kameleoon/javascript-sdk` sends it: an event a line, the user agent on the first. */
export function kameleoonRequest(visit: Visit, context: WireContext): TrafficRequest {
  const { visitor, origin } = visit
  const { random } = context.browsing
  const lines = visit.isFresh ? arrivalLines(visit, context) : []
  const steps = 1 + random.below(stepsPerRequestMax)
  for (let step = 0; step < steps && !visit.isOver; step++)
    lines.push(lineOf(visit.next(context.browsing), context))
  const visitorCode = `k${visitor.id.toString(36).padStart(15, '0')}`
  const query = `siteCode=${kameleoonSiteCode(visitor.site)}&sdkName=javascript&sdkVersion=${kameleoonSdkVersion(context.run)}`
  const tail = `&visitorCode=${visitorCode}`
  const [first, ...others] = lines.map((line) => `${line}&nonce=${context.nonce()}${tail}`)
  return {
    protocol: 'kameleoon',
    method: 'POST',
    path: `/visit/events?${query}&bodyUa=true`,
    headers: browserHeaders(visitor, { origin, contentType: '*/*' }),
    body: [`${first ?? ''}&userAgent=${visitor.browser.userAgent}`, ...others].join('\n'),
    events: lines.length,
    visitor: visitor.id,
  }
}

function arrivalLines({ visitor }: Visit, { browsing }: WireContext): string[] {
  const id = 99_000 + browsing.random.below(experiments)
  const isPhone = visitor.browser.userAgent.includes('Mobile')
  return [
    `eventType=staticData&visitNumber=0&timeSincePreviousVisit=0&deviceType=${isPhone ? 'PHONE' : 'DESKTOP'}&screenWidth=${String(visitor.browser.screenWidth)}`,
    `eventType=experiment&id=${String(id)}&variationId=${String(browsing.random.below(3))}`,
  ]
}

function lineOf(step: Step, { browsing }: WireContext): string {
  switch (step.kind) {
    case 'pageview': {
      const referrer = step.referrer === '' ? '' : `&referrerHref=${encodeURIComponent(step.referrer)}`
      return `eventType=page&href=${encodeURIComponent(step.url)}&title=${encodeURIComponent(step.page.title)}${referrer}`
    }
    case 'engagement':
      return 'eventType=activity'
    case 'action': {
      const values = encodeURIComponent(JSON.stringify({ [step.name]: 1 }))
      return `eventType=customData&index=${String(browsing.random.below(4))}&valuesCountMap=${values}&overwrite=false`
    }
    case 'purchase':
      return `eventType=conversion&goalId=4242&revenue=${step.amount}&negative=false`
  }
}
