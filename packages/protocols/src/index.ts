/** The wire protocols that sites speak, each decoded into the canonical event. */
export type { WireRequest } from './wire-request.ts'
export type { Decoded, DecodedEvent, Refusal, WireAnswer } from './decoded.ts'
export { decodePlausible } from './plausible/decode.ts'
export { plausibleAccepted } from './plausible/accepted.ts'
export { plausibleBodyBytesMax } from './plausible/body.ts'
export { plausibleEventSchema } from './plausible/schema.ts'
