import type { DecodeContext, KeyedSite } from './decode-context.ts'
import type { Decoded, DecodedEvent } from './decoded.ts'
import type { WireRequest } from './wire-request.ts'

/** A POST with a JSON text body, as the browser script sends it; a string or bytes are sent as they are. */
export function aWireRequest(
  body: unknown,
  options: { readonly contentType?: string | undefined; readonly headers?: WireRequest['headers'] } = {},
): WireRequest {
  const { contentType = 'text/plain', headers = {} } = options
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return {
    method: 'POST',
    query: '',
    headers: { 'content-type': contentType, ...headers },
    body: Buffer.isBuffer(body) ? body : Buffer.from(text),
  }
}

/** A page view with the given fields changed; an undefined one is left out. */
export function aPlausibleBody(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { n: 'pageview', u: 'https://example.com/page', d: 'example.com', ...changes }
}

/** The only event of a request. @throws Error with the answer's body when the request was refused */
export function onlyEvent(decoded: Decoded): DecodedEvent {
  if (!decoded.ok) throw new Error(`refused: ${decoded.body}`)
  const [event, ...others] = decoded.events
  if (event === undefined || others.length > 0) throw new Error(`${String(decoded.events.length)} events`)
  return event
}

/** The `errors` of a refusal, by field. @throws Error when the request was accepted */
export function refusedErrors(decoded: Decoded): unknown {
  if (decoded.ok) throw new Error('accepted')
  return (JSON.parse(decoded.body) as { errors: unknown }).errors
}

/** Knows the Kameleoon site `abcdefghij`, the Octeth list 94 with the key `k`, and the SuccessEve token `t0ken`; bots say so. */
export function aDecodeContext(site: Partial<KeyedSite> = {}): DecodeContext {
  const known: KeyedSite = { domain: 'example.com', keepsEmails: false, ...site }
  let ids = 0
  return {
    keys: {
      kameleoonSite: (siteCode) => (siteCode === 'abcdefghij' ? known : undefined),
      octethSite: (listId) => (listId === 94 ? known : undefined),
      successeveSite: (apiToken) => (apiToken === 't0ken' ? known : undefined),
      admitsOcteth: ({ apiKey, sessionId }) => apiKey === 'k' || sessionId === 's',
    },
    isBot: (userAgent) => /bot/i.test(userAgent),
    newId: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
  }
}

/** A request to `/visit/events` of the known site; lines are joined, bytes sent as they are, anything else is sent as JSON. */
export function aKameleoonRequest(
  body: unknown,
  options: { readonly query?: string; readonly headers?: WireRequest['headers'] } = {},
): WireRequest {
  const { query = 'siteCode=abcdefghij', headers = {} } = options
  const areLines = Array.isArray(body) && body.length > 0 && body.every((line) => typeof line === 'string')
  const request = aWireRequest(areLines ? body.join('\n') : body, { contentType: '*/*', headers })
  return { ...request, query }
}
