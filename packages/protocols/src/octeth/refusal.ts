import type { Refusal } from '../decoded.ts'

const contentType = 'application/json; charset=utf-8'

/** What no document has a code for: a body that cannot be read, an id that is too long, another command. */
const ownCode = 0

/** `{"Errors":[{"Code":4,"Message":"Invalid ListID parameter"}]}`, the form of every refusal of this protocol. */
function refusal(status: number, code: number, message: string): Refusal {
  return { status, contentType, body: JSON.stringify({ Errors: [{ Code: code, Message: message }] }) }
}

/** Neither of the documented calls lists it; it is what Octeth answers to any call. */
export const authenticationFailure = refusal(401, 99_999, 'Authentication failure or session expired')
export const unreadableBody = refusal(400, ownCode, 'The body is neither a JSON object nor a form')
export const bodyTooLarge = refusal(413, ownCode, 'The body is too large')
export const unknownCommand = refusal(422, ownCode, 'Invalid Command parameter')
export const idTooLong = refusal(422, ownCode, 'Invalid ID parameter')

/** Of `/api/v1/event`, by their documented codes. */
export const eventErrors = {
  list: refusal(422, 4, 'Invalid ListID parameter'),
  noEvent: refusal(422, 5, 'Missing event parameter.'),
  noEmail: refusal(422, 6, 'Missing email parameter.'),
  email: refusal(422, 7, 'Invalid email parameter.'),
  noConversionId: refusal(422, 8, 'Missing conversion-id event property.'),
  noConversionName: refusal(422, 9, 'Missing conversion-name event property.'),
  noConversionValue: refusal(422, 10, 'Missing conversion-value event property.'),
} as const

/** Of `/api/v1/website_events.properties`. */
export const propertiesErrors = {
  noList: refusal(422, 1, 'Missing ListID parameter'),
  list: refusal(422, 2, 'Invalid ListID parameter'),
  unknownList: refusal(422, 3, 'List not found'),
} as const

/** The question cannot be answered now. */
export function octethUnavailable(retryAfterS: number): Refusal {
  const answer = refusal(503, ownCode, 'The properties cannot be read now. Ask again later.')
  return { ...answer, headers: { 'retry-after': String(retryAfterS) } }
}
