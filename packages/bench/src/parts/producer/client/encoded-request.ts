/** A request as it goes over the wire. */
export interface EncodedRequest {
  readonly bytes: Buffer
  /** That its acceptance stands for. */
  readonly events: number
}
