import type { DecodeContext } from '../decode-context.ts'
import type { Refusal, WireAnswer } from '../decoded.ts'
import type { WireRequest } from '../wire-request.ts'
import { readParameters } from './body.ts'
import { isAdmitted, isCommand, readList } from './caller.ts'
import { authenticationFailure, propertiesErrors, unknownCommand } from './refusal.ts'

/** Whose event properties are asked for. */
export interface PropertiesQuestion {
  /** Domain. */
  readonly site: string
  readonly listId: number
}

/** `POST` or `GET /api/v1/website_events.properties`. Never throws; the first thing that is wrong is answered. */
export function readPropertiesQuestion(
  request: WireRequest,
  { keys }: Pick<DecodeContext, 'keys'>,
): ({ readonly ok: true } & PropertiesQuestion) | ({ readonly ok: false } & Refusal) {
  const body = readParameters(request)
  if (!body.ok) return { ok: false, ...body.refusal }
  const { parameters } = body
  if (!isAdmitted(request, parameters, keys)) return { ok: false, ...authenticationFailure }
  if (!isCommand(parameters, 'website_events.properties')) return { ok: false, ...unknownCommand }
  const list = readList(parameters, keys)
  if (list === 'missing') return { ok: false, ...propertiesErrors.noList }
  if (list === 'invalid') return { ok: false, ...propertiesErrors.list }
  if (list === 'unknown') return { ok: false, ...propertiesErrors.unknownList }
  return { ok: true, site: list.site.domain, listId: list.listId }
}

/**
 * @param found pairs of an event's name and a property's, the latter empty for an event without properties; in any order
 * @returns events and properties sorted by code point, as the document shows them
 */
export function propertiesAnswer(
  listId: number,
  found: readonly { readonly event: string; readonly property: string }[],
): WireAnswer {
  const events = new Map<string, Set<string>>()
  for (const { event, property } of found) {
    let names = events.get(event)
    if (names === undefined) events.set(event, (names = new Set()))
    if (property !== '') names.add(property)
  }
  const sorted = [...events].map(([event, names]) => [event, [...names].toSorted(byCodePoint)] as const)
  const properties = sorted.toSorted(([a], [b]) => byCodePoint(a, b))
  // Written by hand: an object would put names that look like numbers first.
  const pairs = properties.map(([event, names]) => `${JSON.stringify(event)}:${JSON.stringify(names)}`)
  return {
    status: 200,
    contentType: 'application/json; charset=utf-8',
    body: `{"ListID":${JSON.stringify(String(listId))},"Properties":{${pairs.join(',')}}}`,
  }
}

/** JavaScript compares UTF-16 units, which puts emoji before U+FFFD. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
