import type { Refusal } from '../decoded.ts'

/** Answers of this protocol have no documented body: a short message for people. It never repeats what was sent. */
export function refusal(status: 400 | 401 | 403 | 413, message: string): Refusal {
  return { status, contentType: 'application/json; charset=utf-8', body: JSON.stringify({ message }) }
}
