/** The wire protocols that sites speak, each decoded into the canonical event. */
export type { WireRequest } from './wire-request.ts'
export type {
  AcceptedOutcome,
  Decoded,
  DecodedEvent,
  DecodedRequest,
  Refusal,
  Subscriber,
  WireAnswer,
} from './decoded.ts'
export type { DecodeContext, KeyedSite, KeyRing } from './decode-context.ts'
export { decodePlausible } from './plausible/decode.ts'
export { plausibleEventSchema } from './plausible/schema.ts'
export { decodeOcteth } from './octeth/decode.ts'
export { propertiesAnswer, readPropertiesQuestion, type PropertiesQuestion } from './octeth/properties.ts'
export { octethUnavailable } from './octeth/refusal.ts'
export { octethEventSchema, octethPropertiesSchema, octethQuestionFields } from './octeth/schema.ts'
export { decodeKameleoon, kameleoonBodyBytesMax } from './kameleoon/decode.ts'
export { kameleoonJsonSchema, kameleoonLinesSchema } from './kameleoon/event-schemas.ts'
export { successEveDecoder, type SuccessEveRoute } from './successeve/decode.ts'
export {
  successEveAccountSchema,
  successEveBatchSchema,
  successEveContactSchema,
  successEveElementSchema,
  successEveEventSchema,
  successEveFormSchema,
  successEvePingSchema,
} from './successeve/schema.ts'
export { instantMin, instantOfNumber } from './instant.ts'
