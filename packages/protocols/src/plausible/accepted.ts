import type { AcceptedOutcome, WireAnswer } from '../decoded.ts'

/**
 * The answer to a post whose events the log has. It says how many of the addressed sites dropped the event; why is never
 * said on the wire.
 */
export function plausibleAccepted({ dropped }: Pick<AcceptedOutcome, 'dropped'>): WireAnswer {
  const answer = { status: 202, contentType: 'text/plain; charset=utf-8', body: 'ok' }
  return dropped === 0 ? answer : { ...answer, headers: { 'x-plausible-dropped': String(dropped) } }
}
