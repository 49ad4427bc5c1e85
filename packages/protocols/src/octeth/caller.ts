import type { KeyedSite, KeyRing } from '../decode-context.ts'
import { headerText, type WireRequest } from '../wire-request.ts'
import { givenText, isAbsent, type Parameters } from './body.ts'

const bearer = /^bearer +(\S+) *$/i

/** Whether the request names a known API key or session id, as a parameter or as its bearer, which may be either. */
export function isAdmitted(request: WireRequest, parameters: Parameters, keys: KeyRing): boolean {
  const apiKey = givenText(parameters.get('apikey')) ?? ''
  const sessionId = givenText(parameters.get('sessionid')) ?? ''
  const token = bearer.exec(headerText(request, 'authorization'))?.[1] ?? ''
  return keys.admitsOcteth({ apiKey, sessionId }) || keys.admitsOcteth({ apiKey: token, sessionId: token })
}

/** Whether the parameter `Command` is absent or the one that the path stands for, in any case. */
export function isCommand(parameters: Parameters, command: string): boolean {
  const given = givenText(parameters.get('command'))
  return given === undefined || given.toLowerCase() === command
}

/** A list and its site; `missing` without the parameter, `invalid` when it is no whole number, `unknown` when no site has it. */
export function readList(
  parameters: Parameters,
  keys: KeyRing,
): { readonly listId: number; readonly site: KeyedSite } | 'missing' | 'invalid' | 'unknown' {
  const value = parameters.get('listid')
  if (isAbsent(value)) return 'missing'
  const text = givenText(value)
  if (text === undefined || !/^0*[1-9]\d{0,14}$/.test(text)) return 'invalid'
  const listId = Number(text)
  const site = keys.octethSite(listId)
  return site === undefined ? 'unknown' : { listId, site }
}
