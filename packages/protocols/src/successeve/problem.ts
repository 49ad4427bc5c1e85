import type { Refusal, WireAnswer } from '../decoded.ts'

/** What is wrong with a call: the field as the client names it, and why, so that both together read as a sentence. */
export interface Problem {
  readonly field: string
  readonly reason: string
}

export const successEveAccepted: WireAnswer = answer(200, { status: 'success' })

/** The document shows no error; a client finds the field without reading the sentence. */
export function refusal(status: number, { field, reason }: Problem): Refusal {
  return answer(status, { status: 'error', error: `${field} ${reason}`, field })
}

/** The call is one that has to be made with POST. */
export const methodRefusal: Refusal = {
  ...answer(405, {
    status: 'error',
    error: 'GET is taken with _method=post in the query only',
    field: '_method',
  }),
  headers: { allow: 'POST, OPTIONS' },
}

/** RFC 9110, 15.5.2 asks for the challenge. */
export function unauthorized(reason: string): Refusal {
  return {
    ...refusal(401, { field: 'api_token', reason }),
    headers: { 'www-authenticate': 'Basic realm="SuccessEve"' },
  }
}

function answer(status: number, body: object): WireAnswer {
  return { status, contentType: 'application/json; charset=utf-8', body: JSON.stringify(body) }
}
