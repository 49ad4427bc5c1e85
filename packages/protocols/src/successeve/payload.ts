import { withoutMark } from '../byte-order-mark.ts'
import { formFieldsMax, formObject, readUrlEncoded, type FormField } from '../form-body.ts'
import { parseJson, parseJsonBytes } from '../json-text.ts'
import { isMultipart, readForm } from '../request-form.ts'
import { isJsonType, mediaType, type WireRequest } from '../wire-request.ts'
import type { Problem } from './problem.ts'

/** A request taken apart; what cannot be read is a problem of its content, so that the token is asked first. */
export interface Payload {
  readonly query: readonly FormField[]
  /** None when the body is no form. */
  readonly form: readonly FormField[]
  readonly content: Content
}

/** What is sent: JSON, or the fields of a form in its place. */
export type Content = { readonly ok: true; readonly value: unknown } | ({ readonly ok: false } & Problem)

/**
 * JSON whatever the type says, as curl calls what `-d` sends a form; else a form, urlencoded or multipart; without a body the
 * query stands for the form. A form has the content as JSON in `data`, or is the content itself.
 */
export function readPayload(request: WireRequest): Payload {
  const query = readUrlEncoded(request.query)
  if (query === undefined) return { query: [], form: [], content: tooManyFields('query') }
  if (request.body.length === 0) return { query, form: [], content: formContent(query, query) }
  if (!isMultipart(request) && (isJsonType(mediaType(request)) || looksLikeJson(request.body))) {
    return { query, form: [], content: jsonContent(request.body) }
  }
  const form = readForm(request)
  if (form === undefined) return { query, form: [], content: tooManyFields('body') }
  return { query, form, content: formContent(form, query) }
}

function tooManyFields(field: 'query' | 'body'): Content {
  return { ok: false, field, reason: `must be a whole form of at most ${String(formFieldsMax)} fields` }
}

const jsonStartBytes = 100

/** No form begins with a brace or bracket. */
function looksLikeJson(body: Buffer): boolean {
  return /^[ \t\r\n]*[[{]/.test(withoutMark(body).toString('latin1', 0, jsonStartBytes))
}

function jsonContent(body: Buffer): Content {
  const bytes = withoutMark(body)
  return parsed('body', parseJsonBytes(bytes) ?? parseUnclosed(bytes))
}

/**
 * The document's own page view example lacks its last brace, and has to work as it stands. Only that brace may be missing,
 * after another one, so that no value can have been cut short.
 */
function parseUnclosed(body: Buffer): { readonly value: unknown } | undefined {
  if (!/\}\s*$/.test(body.toString('latin1', Math.max(0, body.length - jsonStartBytes)))) return undefined
  return parseJsonBytes(Buffer.concat([body, Buffer.from('}')]))
}

function formContent(form: readonly FormField[], query: readonly FormField[]): Content {
  const fields = formObject(form)
  const { data, encode = formObject(query).encode } = fields
  if (typeof data !== 'string') return { ok: true, value: fields }
  switch (typeof encode === 'string' ? encode.toLowerCase() : '') {
    case '':
    case 'none':
      return parsed('data', parseJson(data))
    case 'base64': {
      const bytes = base64Bytes(data)
      return parsed('data', bytes === undefined ? undefined : parseJsonBytes(bytes))
    }
    default:
      return { ok: false, field: 'encode', reason: 'must be none or base64' }
  }
}

function parsed(field: 'body' | 'data', json: { readonly value: unknown } | undefined): Content {
  return json === undefined
    ? { ok: false, field, reason: 'must be JSON in UTF-8' }
    : { ok: true, value: json.value }
}

/**
 * Of both alphabets, with or without padding. A plus that a client did not escape comes as a blank, line breaks are the work of
 * Ruby's encoder, and so are the quotes: its client makes JSON text of what it encoded.
 */
function base64Bytes(text: string): Buffer | undefined {
  const coded = text
    .replace(/^"|"$/g, '')
    .replace(/[\r\n\t]/g, '')
    .replaceAll(' ', '+')
  return /^[\w+/-]*={0,2}$/.test(coded) ? Buffer.from(coded, 'base64') : undefined
}
