import { readIdempotencyKey } from '../client-event-id.ts'
import type { DecodeContext } from '../decode-context.ts'
import type { Decoded, DecodedEvent } from '../decoded.ts'
import type { FormField } from '../form-body.ts'
import { isJsonObject } from '../json-text.ts'
import { headerText, type WireRequest } from '../wire-request.ts'
import { readBatch } from './batch.ts'
import { readCall, type CallContext, type CallMethod } from './call.ts'
import { readPayload } from './payload.ts'
import { methodRefusal, refusal, successEveAccepted, type Problem } from './problem.ts'
import { authorize } from './token.ts'

/** What a route takes: calls of one kind, several of any kind, or none. */
export type SuccessEveRoute = CallMethod | 'batch' | 'ping'

/**
 * The decoder of a route of SuccessEve's tracking API. It never throws. The token is asked before the content is judged, so a
 * stranger learns nothing but that the token is missing or wrong.
 */
export function successEveDecoder(
  route: SuccessEveRoute,
): (request: WireRequest, context: DecodeContext) => Decoded {
  return (request, { keys }) => {
    const payload = readPayload(request)
    // A ping changes nothing, so it needs no POST; older clients send it with `_method=get`.
    if (route !== 'ping' && !isPost(request, payload.query)) return { ok: false, ...methodRefusal }
    const authorized = authorize(request, payload, keys)
    if (!authorized.ok) return { ok: false, ...authorized.refusal }
    if (route === 'ping') return accepted([])
    const { content } = payload
    if (!content.ok) return { ok: false, ...refusal(400, content) }
    const read = readContent(route, content.value, {
      site: authorized.site,
      userAgent: headerText(request, 'user-agent'),
      clientEventId: readIdempotencyKey(headerText(request, 'idempotency-key')),
    })
    return read.ok ? accepted(read.events) : { ok: false, ...refusal(400, read) }
  }
}

type ReadContent =
  { readonly ok: true; readonly events: readonly DecodedEvent[] } | ({ readonly ok: false } & Problem)

function readContent(route: CallMethod | 'batch', value: unknown, context: CallContext): ReadContent {
  if (route === 'batch') return readBatch(value, context)
  if (!isJsonObject(value)) return { ok: false, field: 'body', reason: 'must be a JSON object' }
  const read = readCall(route, value, context)
  return read.ok ? { ok: true, events: [read.event] } : read
}

/** Clients that can only GET say so in the query. */
function isPost({ method }: WireRequest, query: readonly FormField[]): boolean {
  return (
    method === 'POST' || query.some(([name, value]) => name === '_method' && value.toLowerCase() === 'post')
  )
}

function accepted(events: readonly DecodedEvent[]): Decoded {
  return { ok: true, events, accepted: () => successEveAccepted }
}
