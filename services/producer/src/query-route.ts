import type { ReceivedRequest, RouteDocument } from '@millrace/intake'
import type { WireAnswer } from '@millrace/protocols'

/** A path that answers a question and takes no events. */
export interface QueryRoute {
  readonly path: string
  readonly methods: readonly ('GET' | 'POST')[]
  /** In the OpenAPI document. */
  readonly tag: string
  readonly answer: (request: ReceivedRequest) => Promise<WireAnswer>
  /** `parameters` are those of a GET, `bodies` those of a POST. */
  readonly document: RouteDocument
}
