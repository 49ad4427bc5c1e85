import type { Refusal } from '../decoded.ts'

/** One thing wrong with a request: the field it is reported under, and what. */
export type Problem = readonly [field: string, message: string]

/** `{"errors": {field: [message, ...]}}`, all problems together. */
export function refusal(status: number, problems: readonly Problem[]): Refusal {
  const errors = new Map<string, string[]>()
  for (const [field, message] of problems) errors.set(field, [...(errors.get(field) ?? []), message])
  return {
    status,
    contentType: 'application/json; charset=utf-8',
    body: JSON.stringify({ errors: Object.fromEntries(errors) }),
  }
}
