import type { Refusal } from '../decoded.ts'
import { formObject } from '../form-body.ts'
import { isJsonObject, parseJson, parseJsonBytes } from '../json-text.ts'
import { quoteNumbers } from '../quoted-numbers.ts'
import { readForm } from '../request-form.ts'
import { isJsonType, mediaType, type WireRequest } from '../wire-request.ts'
import { refusal } from './refusal.ts'

/** A body read as JSON whatever its type says may have this many bytes. */
export const rawBodyBytesMax = 1_000_000

/** A form, or a body that calls itself JSON, may have this many, where the HTTP side lets so many through. */
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
  if (isForm(type) || isJsonType(type)) {
    if (request.body.length > plausibleBodyBytesMax) return { ok: false, refusal: tooLarge }
    const fields = isForm(type) ? formFields(request) : jsonFields(request.body)
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

/** The fields of a body that was read as JSON, numbers that would lose their `.0` or digits as the text that was sent. */
export function fieldsAsWritten(request: WireRequest): Fields {
  return (isForm(mediaType(request)) ? undefined : objectAsWritten(request.body.toString('utf8'))) ?? noFields
}

/** The object of a JSON text, numbers as in `fieldsAsWritten`. */
export function objectAsWritten(json: string): Fields | undefined {
  return objectOrJsonText(quoteNumbers(json, lostText))
}

/** How Plausible writes a number that JavaScript would write otherwise: `12.00` as `12.0`, a long integer as it is. */
function lostText(number: string): string | undefined {
  const [, whole] = wholeFloat.exec(number) ?? []
  if (whole !== undefined) return `${whole}.0`
  return longInteger.test(number) ? number : undefined
}

/** Above so many digits both sides write a float with an exponent, each in its way. */
const wholeFloat = /^(-?\d{1,15})\.0+$/
/** Beyond 2^53 a number of JavaScript does not hold every integer. */
const longInteger = /^-?\d{16,}$/

const unparsable = refusal(400, [['request', 'Unable to parse request body as json']])
const tooLarge = refusal(413, [['request', `should be at most ${String(plausibleBodyBytesMax)} byte(s)`]])

function isForm(type: string): boolean {
  return type === 'application/x-www-form-urlencoded' || type === 'multipart/form-data'
}

/** Under its own type an empty body has no fields, and neither has a value that is no object. */
function jsonFields(body: Buffer): Fields | undefined {
  if (body.length === 0) return noFields
  const parsed = parseJsonBytes(body)
  if (parsed === undefined) return undefined
  return isJsonObject(parsed.value) ? parsed.value : noFields
}

function formFields(request: WireRequest): Fields | undefined {
  const fields = readForm(request)
  return fields === undefined ? undefined : formObject(fields)
}
