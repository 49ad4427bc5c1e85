/** Printable ASCII, so that it survives every log line and column it passes. */
const printable = /^[\x20-\x7e]{1,200}$/

/** An `Idempotency-Key` header's value as a client event id; undefined when there is none or it is not usable. */
export function readIdempotencyKey(header: string): string | undefined {
  return printable.test(header) ? header : undefined
}
