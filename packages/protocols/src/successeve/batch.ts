import type { DecodedEvent } from '../decoded.ts'
import { isJsonObject } from '../json-text.ts'
import { cutBytes } from '../text-length.ts'
import { isGiven } from './alias.ts'
import { readCall, type CallContext, type CallMethod } from './call.ts'
import { nowhere } from './page.ts'
import type { Fields } from './params.ts'
import type { Problem } from './problem.ts'
import { storableJson } from './storable.ts'

/** Its clients send at most so many; twice as many are two batches. */
export const batchElementsMax = 100

/** Of a piece that is no event, in its dead letter. */
const malformedTextBytesMax = 10_000

/** By their names in lower case; `user` was a contact before. */
const methods: ReadonlyMap<string, CallMethod> = new Map([
  ['event', 'event'],
  ['pageview', 'pageview'],
  ['contact', 'contact'],
  ['user', 'contact'],
  ['account', 'account'],
  ['email', 'email'],
  ['element', 'element'],
])

export type ReadBatch =
  { readonly ok: true; readonly events: readonly DecodedEvent[] } | ({ readonly ok: false } & Problem)

/**
 * A list of calls, one call, or `{batch: [...]}`. What is wrong in one call makes it a malformed piece, and its neighbours are
 * kept. A client's timer may find nothing to send: an empty list is a success.
 */
export function readBatch(value: unknown, context: CallContext): ReadBatch {
  const elements = elementsOf(value)
  if (elements === undefined) {
    return { ok: false, field: 'body', reason: 'must be a JSON array of calls, or one call as an object' }
  }
  if (elements.length > batchElementsMax) {
    return { ok: false, field: 'batch', reason: `must have at most ${String(batchElementsMax)} elements` }
  }
  return { ok: true, events: elements.map((element, index) => readElement(element, index, context)) }
}

function elementsOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value as readonly unknown[]
  if (!isJsonObject(value)) return undefined
  return Array.isArray(value.batch) ? (value.batch as readonly unknown[]) : [value]
}

function readElement(element: unknown, index: number, context: CallContext): DecodedEvent {
  if (!isJsonObject(element))
    return malformed(element, { field: 'call', reason: 'must be an object' }, context)
  const method = methodOf(element)
  if (method === undefined) {
    const known = [...methods.keys()].join(', ')
    return malformed(element, { field: 'method', reason: `must be one of ${known}` }, context)
  }
  const { clientEventId } = context
  // The request's id is that of all its calls, so each gets one of its own from it.
  const own = clientEventId === undefined ? undefined : `${clientEventId}#${String(index)}`
  const read = readCall(method, element, { ...context, clientEventId: own })
  return read.ok ? read.event : malformed(element, read, context)
}

/** A call that names an event is one, also without a method. */
function methodOf({ method, event_uid, event }: Fields): CallMethod | undefined {
  if (typeof method === 'string') return methods.get(method.trim().toLowerCase())
  return !isGiven(method) && (isGiven(event_uid) || isGiven(event)) ? 'event' : undefined
}

function malformed(element: unknown, { field, reason }: Problem, { site }: CallContext): DecodedEvent {
  const { text } = storableJson(element, { rule: site, charsMax: malformedTextBytesMax })
  return {
    ...nowhere,
    sites: [site.domain],
    name: '',
    props: [],
    interactive: false,
    scrollDepth: 0,
    engagementMs: 0,
    userAgent: '',
    malformed: {
      cause: `${field}: ${reason}`,
      text: cutBytes(text, malformedTextBytesMax),
    },
  }
}
