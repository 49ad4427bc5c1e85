import type { WireAnswer } from '@millrace/protocols'

/** What every refusal of the producer itself looks like: `code` for programs, `message` for people. */
export interface Problem {
  readonly code: string
  readonly message: string
}

export function problem(
  status: number,
  { code, message }: Problem,
  headers: Readonly<Record<string, string>> = {},
): WireAnswer {
  return {
    status,
    contentType: 'application/json; charset=utf-8',
    body: JSON.stringify({ error: { code, message } }),
    headers,
  }
}

/** The log cannot take the events now: nothing is promised, the client should send them again. */
export function unavailable(code: string, retryAfterS: number): WireAnswer {
  const message = 'The events could not be stored in time. Send them again later.'
  return problem(503, { code, message }, { 'retry-after': String(retryAfterS) })
}

/** More events than the site may send; none of the request is stored. */
export function rateLimited(retryAfterS: number): WireAnswer {
  const message = 'More events than the site may send. None of this request is stored.'
  return problem(429, { code: 'RATE_LIMITED', message }, { 'retry-after': String(retryAfterS) })
}

/** An event that the log would refuse for its size; none of the request is stored. */
export function tooLarge(): WireAnswer {
  return problem(413, {
    code: 'EVENT_TOO_LARGE',
    message: 'An event is too large. None of this request is stored.',
  })
}
