import type { Decoded } from '../decoded.ts'
import { aDecodeContext, aWireRequest } from '../testing.ts'
import { decodeOcteth } from './decode.ts'

export const email = '2006@test.com'

/** The document's event with the given parameters changed; an undefined one is left out. */
export const aBody = (changes: Readonly<Record<string, unknown>> = {}) => ({
  APIKey: 'k',
  ListID: 94,
  ID: 'user-id-2006',
  Event: 'test',
  Email: email,
  ...changes,
})
/** As `aBody`, a conversion with the given properties changed. */
export const aConversion = (changes: Readonly<Record<string, unknown>> = {}) =>
  aBody({
    Event: 'conversion',
    Properties: {
      'conversion-id': 'my-order-234',
      'conversion-name': 'purchase',
      'conversion-value': 290.5,
      ...changes,
    },
  })
/** What becomes of a body. */
export const decode = (
  body: unknown,
  options: Parameters<typeof aWireRequest>[1] = {},
  context = aDecodeContext(),
): Decoded => decodeOcteth(aWireRequest(body, { contentType: 'application/json', ...options }), context)

/** Status, code and message of a refusal. @throws Error unless it is one, with one error */
export const errorOf = (decoded: Decoded) => {
  if (decoded.ok) throw new Error('accepted')
  const { Errors } = JSON.parse(decoded.body) as { Errors: { Code: number; Message: string }[] }
  if (Errors.length !== 1) throw new Error(`${String(Errors.length)} errors`)
  return [decoded.status, Errors[0]?.Code, Errors[0]?.Message]
}
