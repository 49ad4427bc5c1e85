/** The canonical event, the three records that carry it (raw, enriched, dead letter), the tally that counts it, and the salt of its day. */
export { protocols, type Protocol } from './protocol.ts'
export { dropReasons, type DropReason } from './drop-reason.ts'
export { decodeRawEvent, encodeRawEvent } from './raw-codec.ts'
export { type ClientHints, type Overrides, type RawEvent } from './raw-event.ts'
export { decodeEnrichedRecord, encodeEnrichedRecord } from './enriched-codec.ts'
export { enrichedTraceOf, type EnrichedTrace } from './enriched-trace.ts'
export {
  overridableColumns,
  type EnrichedDrop,
  type EnrichedEvent,
  type EnrichedRecord,
  type OverridableColumn,
} from './enriched-record.ts'
export { decodeDeadLetter, encodeDeadLetter, type DeadLetter, type DeadLetterStage } from './dead-letter.ts'
export { decodeTally, encodeTally, type Tally, type TallyCount } from './tally.ts'
export {
  dayOf,
  decodeSaltRecord,
  encodeSaltRecord,
  saltForgottenAt,
  saltLifeMs,
  saltRecordStart,
  startOfDay,
  type Salt,
} from './salt-record.ts'
export { UndecodableRecordError } from './undecodable-record-error.ts'
export { consumerGroups, sinkGroups, topics, topicSpecs } from './topics.ts'
export { scrollDepthMissing } from './scroll-depth.ts'
