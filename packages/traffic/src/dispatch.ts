import type { Dispatcher } from 'undici'
import type { TrafficRequest } from './traffic-request.ts'

export interface Answer {
  readonly status: number
  /** Events of the request that a rule refused, as far as the answer says so. */
  readonly dropped: number
  /** Places in the raw log, `3-1200456,3-1200457`; undefined where the answer names none. */
  readonly receipt: string | undefined
}

export interface Reception {
  readonly onAnswer: (answer: Answer) => void
  /** @param cause a code, or what went wrong in words */
  readonly onFailure: (cause: string) => void
}

/** Sends one request; exactly one of the two is called, when the answer has come whole or has failed. */
export function dispatch(
  dispatcher: Dispatcher,
  request: TrafficRequest,
  { onAnswer, onFailure }: Reception,
): void {
  const { path, method, headers, body } = request
  let answer: Answer | undefined
  dispatcher.dispatch(
    { path, method, headers, body: method === 'GET' ? null : body },
    {
      onRequestStart() {
        answer = undefined
      },
      onResponseStart(_, status, answered) {
        const { 'x-plausible-dropped': dropped, 'x-millrace-receipt': receipt } = answered
        answer = {
          status,
          dropped: Number(dropped ?? 0),
          receipt: typeof receipt === 'string' ? receipt : undefined,
        }
      },
      onResponseData() {
        // The status and the headers say all.
      },
      onResponseEnd() {
        if (answer === undefined) onFailure('answer without a status')
        else onAnswer(answer)
      },
      onResponseError(_, error) {
        onFailure('code' in error && typeof error.code === 'string' ? error.code : error.message)
      },
    },
  )
}
