import { isJsonObject, parseJson } from '../json-text.ts'
import { isGiven } from './alias.ts'
import type { Problem } from './problem.ts'

export type Fields = Readonly<Record<string, unknown>>

export type ReadParams = { readonly ok: true; readonly params: Fields } | ({ readonly ok: false } & Problem)

/** What the request or the row has of the visitor; an address is never stored, and neither is a full user agent. */
export const agentNames = ['visit_agent', 'user_agent'] as const
const addressNames = ['visit_ip', 'user_ip', 'ip', 'ip_address']

/** Params that are never a property, whatever the call. */
export const unstoredParams: ReadonlySet<string> = new Set(['api_token', ...addressNames, ...agentNames])

const noParams: ReadParams = { ok: true, params: {} }

/**
 * `params`: an object, or JSON text of one. PHP writes an empty object as `[]`, and its README passes a page as
 * `array('/dashboard')`, so a list is read as an object of its places.
 */
export function readParams(given: unknown): ReadParams {
  if (!isGiven(given)) return noParams
  const value = typeof given === 'string' ? parseJson(given)?.value : given
  if (isJsonObject(value)) return { ok: true, params: value }
  if (Array.isArray(value)) return { ok: true, params: Object.fromEntries(Object.entries(value)) }
  return { ok: false, field: 'params', reason: 'must be an object' }
}

/** The visitor's own user agent, where the server that sends passes it on. */
export function agentOf(params: Fields): string | undefined {
  for (const name of agentNames) {
    const agent = params[name]
    if (typeof agent === 'string' && isGiven(agent)) return agent
  }
  return undefined
}
