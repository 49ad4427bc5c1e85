import type { AcceptedOutcome, WireAnswer } from '../decoded.ts'
import { isUuid, placeUuid } from './place-uuid.ts'

interface Accepted {
  readonly clientEventId: string | undefined
  /** As the client gave it; undefined: a random one is answered, and not stored. */
  readonly id: string | undefined
  readonly isIdentify: boolean
  readonly isTest: boolean
  readonly newId: () => string
}

/**
 * The answer to an event. Its `uuid` leads to the row: the client's own where it is one, so that a repeat is answered with
 * the same; else the place in the log; random only where that is not known yet, or nothing is stored.
 * `identify_event_sent` is true exactly when the event led to an identify: it is one, or its email was not seen before on
 * the list. A test and an event that a rule dropped lead to nothing.
 */
export function octethAccepted({ clientEventId, id, isIdentify, isTest, newId }: Accepted) {
  return ({ dropped, places, isNewSubscriber }: AcceptedOutcome): WireAnswer => {
    const [place] = places
    const own = clientEventId !== undefined && isUuid(clientEventId) ? clientEventId : undefined
    const answer = {
      status: 'success',
      uuid: own ?? (place === undefined ? newId() : placeUuid(place)),
      external_id: id ?? newId(),
      identify_event_sent: !isTest && dropped === 0 && (isIdentify || isNewSubscriber),
    }
    return { status: 200, contentType: 'application/json; charset=utf-8', body: JSON.stringify(answer) }
  }
}
