import type { KeyedSite } from '../decode-context.ts'
import { aDecodeContext, aWireRequest, onlyEvent } from '../testing.ts'
import type { WireRequest } from '../wire-request.ts'
import { successEveDecoder, type SuccessEveRoute } from './decode.ts'

/** The least that is an event. */
export const anEvent = { contact_uid: '1', event_uid: 'a' }

/** How a call is sent; the defaults are those of the document. */
export interface Sent {
  readonly route?: SuccessEveRoute
  readonly type?: string
  readonly query?: string
  readonly headers?: WireRequest['headers']
  readonly method?: string
  readonly site?: Partial<KeyedSite>
}

/** What becomes of a call. */
export function send(body: unknown, sent: Sent = {}) {
  const { route = 'event', type = 'application/json', query = 'api_token=t0ken', headers = {} } = sent
  const request = {
    ...aWireRequest(body, { contentType: type, headers }),
    query,
    method: sent.method ?? 'POST',
  }
  return successEveDecoder(route)(request, aDecodeContext(sent.site))
}
/** The event of a call that sends `anEvent` with the given fields changed. */
export const event = (changes: object = {}, sent: Sent = {}) =>
  onlyEvent(send({ ...anEvent, ...changes }, sent))

/** The refusal of a call, field by field. @throws Error when it was accepted */
export function refused(body: unknown, sent: Sent = {}) {
  const decoded = send(body, sent)
  if (decoded.ok) throw new Error('accepted')
  const { status, error, field } = JSON.parse(decoded.body) as Record<string, string>
  if (status !== 'error') throw new Error(`status is ${status}`)
  return { status: decoded.status, error, field, headers: decoded.headers }
}
