/** A record whose bytes are not what its topic promises. Its handler makes it a dead letter. */
export class UndecodableRecordError extends Error {
  override readonly name = 'UndecodableRecordError'
  readonly code = 'UNDECODABLE_RECORD'
  readonly retriable = false
}
