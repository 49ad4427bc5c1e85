import { eventRoutes, type EventRoute } from '@millrace/intake'
import type { Answer } from './connection.ts'
import type { ReceiptLedger } from './receipt-ledger.ts'

/** Answered from ClickHouse, which does not run here. */
const queryPath = '/api/v1/website_events.properties'

export interface Asked {
  readonly method: string
  readonly path: string
  /** How the same request was answered before; undefined: not known. */
  readonly before?: Answer | undefined
}

/** What is wrong with an answer; undefined: nothing. Its receipt goes into the ledger. */
export function checkAnswer(
  { method, path, before }: Asked,
  { answer, ledger }: { readonly answer: Answer; readonly ledger: ReceiptLedger },
): string | undefined {
  const { status, headers } = answer
  if (status === 0) return 'no answer'
  const isMissingStore = path === queryPath && status === 503 && headers.has('retry-after')
  if (status >= 500 && !isMissingStore) return 'a 5xx'
  if (headers.has('x-injected')) return 'a header of the sender is in the answer'
  const receipt = headers.get('x-millrace-receipt')
  const route = routeOf({ method, path })
  if (receipt !== undefined) {
    if (route === undefined) return 'a receipt from a path that takes no events'
    if (status < 200 || status > 299) return 'a receipt with a refusal'
    const trouble = ledger.note(receipt, route.protocol)
    if (trouble !== undefined) return trouble
  }
  // Its every post holds an event.
  if (route?.protocol === 'plausible' && status === 202 && receipt === undefined) return 'nothing was stored'
  if (before === undefined) return undefined
  if (status !== before.status) return `answered ${String(before.status)} before`
  if (placesOf(answer) !== placesOf(before)) return `${String(placesOf(before))} places before`
  return undefined
}

export function placesOf({ headers }: Answer): number {
  return headers.get('x-millrace-receipt')?.split(',').length ?? 0
}

/** A call that takes events was accepted, and nothing stored. */
export function isEmptyAcceptance(asked: Asked, answer: Answer): boolean {
  const isAccepted = answer.status >= 200 && answer.status <= 299
  return isAccepted && placesOf(answer) === 0 && routeOf(asked) !== undefined
}

function routeOf({ method, path }: Asked): EventRoute | undefined {
  return eventRoutes.find((known) => known.path === path && known.methods.some((taken) => taken === method))
}
