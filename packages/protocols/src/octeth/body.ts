import { isUtf8 } from 'node:buffer'
import type { Refusal } from '../decoded.ts'
import { withoutMark } from '../byte-order-mark.ts'
import { formObject, readUrlEncoded, type FormField } from '../form-body.ts'
import { isJsonObject, parseJson } from '../json-text.ts'
import { isMultipart, readForm } from '../request-form.ts'
import type { WireRequest } from '../wire-request.ts'
import { bodyTooLarge, unreadableBody } from './refusal.ts'

/** No event needs more. */
export const octethBodyBytesMax = 1_000_000

/** The parameters by their names in lower case; of names that differ in case alone the last one counts. */
export type Parameters = ReadonlyMap<string, unknown>

export type ReadBody =
  { readonly ok: true; readonly parameters: Parameters } | { readonly ok: false; readonly refusal: Refusal }

/** The parameters of a request: of a GET from its query, else from its body, which says itself whether it is JSON or a form. */
export function readParameters(request: WireRequest): ReadBody {
  if (request.method === 'GET') return fromForm(readUrlEncoded(request.query))
  if (request.body.length > octethBodyBytesMax) return { ok: false, refusal: bodyTooLarge }
  if (isMultipart(request)) return fromForm(readForm(request))
  const bytes = withoutMark(request.body)
  const text = bytes.toString('utf8')
  if (/^\s*$/.test(text)) return { ok: true, parameters: new Map() }
  const json = isUtf8(bytes) ? parseLenientJson(text)?.value : undefined
  if (isJsonObject(json)) return { ok: true, parameters: byLowerCase(json) }
  // `curl -d` calls everything a form, and some clients call a form nothing at all.
  return json === undefined && /^[^{["]*=/.test(text) ? fromForm(readUrlEncoded(text)) : unreadable
}

/** JSON text of an object, a list, or either itself; the entries, none of anything else. A PHP client's empty object is a list. */
export function readEntries(given: unknown): readonly (readonly [string, unknown])[] {
  const value = typeof given === 'string' ? parseJson(given)?.value : given
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}

/** Text or number as text without blanks around it; undefined when nothing is left, or it is anything else. */
export function givenText(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const text = String(value).trim()
  return text === '' ? undefined : text
}

/** Not there, null, or blank text: a parameter that is missing, and not wrong. */
export function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
}

const unreadable: ReadBody = { ok: false, refusal: unreadableBody }

/** The document's own examples have lines of comment, which no strict parser takes. No JSON text has a line break inside. */
function parseLenientJson(text: string): { readonly value: unknown } | undefined {
  return (
    parseJson(text) ?? (text.includes('//') ? parseJson(text.replace(/^[ \t]*\/\/.*$/gm, '')) : undefined)
  )
}

function fromForm(fields: readonly FormField[] | undefined): ReadBody {
  return fields === undefined ? unreadable : { ok: true, parameters: byLowerCase(formObject(fields)) }
}

function byLowerCase(fields: Readonly<Record<string, unknown>>): Parameters {
  return new Map(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]))
}
