import { isJsonObject } from '../json-text.ts'
import { concealEmails } from '../octeth/email.ts'

/** A value nested deeper is left out. */
export const valueDepthMax = 32

/** Names of what is a secret wherever it stands. */
const secretName = 'api_token'

/** How a site wants its visitors' emails. */
export interface EmailRule {
  readonly keepsEmails: boolean
}

/** A text as it may be stored: emails in it as the SHA-256 hex of their lower-case form, unless the site keeps emails. */
export function storableText(text: string, { keepsEmails }: EmailRule): string {
  return keepsEmails ? text : concealEmails(text)
}

/** A list or object as compact JSON text, its texts and names storable and no token in it; undefined when it is too deep. */
export function storableJson(value: unknown, rule: EmailRule): string | undefined {
  if (isDeeper(value, valueDepthMax)) return undefined
  return JSON.stringify(value, (name, inner: unknown) => {
    if (name === secretName) return undefined
    if (typeof inner === 'string') return storableText(inner, rule)
    return isJsonObject(inner) && !rule.keepsEmails ? withStorableNames(inner, rule) : inner
  })
}

function withStorableNames(
  object: Readonly<Record<string, unknown>>,
  rule: EmailRule,
): Readonly<Record<string, unknown>> {
  const names = Object.keys(object)
  if (!names.some((name) => name.includes('@'))) return object
  return Object.fromEntries(names.map((name) => [storableText(name, rule), object[name]]))
}

/** Goes no deeper than the limit itself, so that nothing can exhaust the stack. */
function isDeeper(value: unknown, depthMax: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (depthMax === 0) return true
  return Object.values(value).some((inner) => isDeeper(inner, depthMax - 1))
}
