import { formObject, readUrlEncoded, type FormField } from '../form-body.ts'
import { isJsonObject, parseJson, parseJsonBytes } from '../json-text.ts'
import { multipartBoundary, readMultipart } from '../multipart-body.ts'
import { headerText, mediaType, type WireRequest } from '../wire-request.ts'
import type { Refusal } from '../decoded.ts'
import { refusal } from './refusal.ts'

/** A body read as JSON whatever its type says may have this many bytes. */
export const rawBodyBytesMax = 1_000_000

/** A form, or a body that calls itself JSON, may have this many. The HTTP side must let bodies of this size through. */
export const plausibleBodyBytesMax = 8_000_000

export type Fields = Readonly<Record<string, unknown>>

const noFields: Fields = {}

/**
 * The request's fields: forms and `application/json` by their type, everything else as JSON text, since browsers send
 * `text/plain` to spare a preflight and some clients no type at all.
 */
export function readFields(
  request: WireRequest,
): { readonly ok: true; readonly fields: Fields } | { readonly ok: false; readonly refusal: Refusal } {
  const type = mediaType(request)
  if (isForm(type) || isJson(type)) {
    if (request.body.length > plausibleBodyBytesMax) return { ok: false, refusal: tooLarge }
    const fields = isForm(type) ? formFields(request, type) : jsonFields(request.body)
    return fields === undefined ? { ok: false, refusal: unparsable } : { ok: true, fields }
  }
  if (request.body.length > rawBodyBytesMax) return { ok: false, refusal: unparsable }
  const value = parseJsonBytes(request.body)?.value
  return isJsonObject(value) ? { ok: true, fields: value } : { ok: false, refusal: unparsable }
}

/** JSON text of an object, or the object itself; undefined for anything else. Props and revenue come as either. */
export function objectOrJsonText(given: unknown): Fields | undefined {
  const value = typeof given === 'string' ? parseJson(given)?.value : given
  return isJsonObject(value) ? value : undefined
}

const unparsable = refusal(400, [['request', 'Unable to parse request body as json']])
const tooLarge = refusal(413, [['request', `should be at most ${String(plausibleBodyBytesMax)} byte(s)`]])

function isForm(type: string): boolean {
  return type === 'application/x-www-form-urlencoded' || type === 'multipart/form-data'
}

function isJson(type: string): boolean {
  return type === 'application/json' || (type.startsWith('application/') && type.endsWith('+json'))
}

/** Under its own type an empty body has no fields, and neither has a value that is no object. */
function jsonFields(body: Buffer): Fields | undefined {
  if (body.length === 0) return noFields
  const parsed = parseJsonBytes(body)
  if (parsed === undefined) return undefined
  return isJsonObject(parsed.value) ? parsed.value : noFields
}

function formFields(request: WireRequest, type: string): Fields | undefined {
  const fields: FormField[] | undefined =
    type === 'multipart/form-data' ? multipartFields(request) : readUrlEncoded(request.body.toString('utf8'))
  return fields === undefined ? undefined : formObject(fields)
}

function multipartFields(request: WireRequest): FormField[] | undefined {
  const boundary = multipartBoundary(headerText(request, 'content-type'))
  return boundary === undefined ? undefined : readMultipart(request.body, boundary)
}
