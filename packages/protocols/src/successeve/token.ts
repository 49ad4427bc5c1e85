import type { KeyedSite, KeyRing } from '../decode-context.ts'
import type { Refusal } from '../decoded.ts'
import { isJsonObject } from '../json-text.ts'
import { headerText, type WireRequest } from '../wire-request.ts'
import type { Payload } from './payload.ts'
import { unauthorized } from './problem.ts'

const tokenField = 'api_token'

export type Authorized =
  { readonly ok: true; readonly site: KeyedSite } | { readonly ok: false; readonly refusal: Refusal }

/**
 * The site whose token the request brings: in the query, in a form, in the JSON, or as the user name of HTTP Basic, whose
 * password clients fill as they like. Given in several places it must be the same. It is never repeated in an answer.
 */
export function authorize(request: WireRequest, payload: Payload, keys: KeyRing): Authorized {
  const [token, ...others] = new Set(tokensOf(request, payload))
  if (token === undefined) return refused(missing)
  if (others.length > 0) return refused('is given several times, with different values')
  const site = keys.successeveSite(token)
  return site === undefined ? refused('is not known') : { ok: true, site }
}

const missing =
  'is required: in the query, as a field of the form or JSON, or as the user name of HTTP Basic authentication'

function refused(reason: string): Authorized {
  return { ok: false, refusal: unauthorized(reason) }
}

function tokensOf(request: WireRequest, { query, form, content }: Payload): string[] {
  const inFields = [...query, ...form].filter(([name]) => name === tokenField).map(([, value]) => value)
  const inJson = content.ok && isJsonObject(content.value) ? content.value[tokenField] : undefined
  const given = [...inFields, inJson, basicUser(headerText(request, 'authorization'))]
  return given
    .map((token) => (typeof token === 'number' ? String(token) : token))
    .filter((token) => typeof token === 'string')
    .filter((token) => token !== '')
}

/** Of `Basic` credentials; without the colon all of it, as some clients leave it out. */
function basicUser(header: string): string | undefined {
  const coded = /^basic +(\S.*)$/i.exec(header)?.[1]
  if (coded === undefined) return undefined
  // Node skips the line breaks that Ruby's encoder puts after every 60 characters.
  const credentials = Buffer.from(coded, 'base64').toString('utf8')
  const colon = credentials.indexOf(':')
  return colon === -1 ? credentials : credentials.slice(0, colon)
}
