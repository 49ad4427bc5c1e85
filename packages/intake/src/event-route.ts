import type { Protocol } from '@millrace/events'
import type { DecodeContext, Decoded, WireRequest } from '@millrace/protocols'
import type * as z from 'zod'

/** One way in for events: a path and the protocol that is spoken there. */
export interface EventRoute {
  readonly path: string
  readonly methods: readonly ('GET' | 'POST')[]
  readonly protocol: Protocol
  /** Never throws, whatever the request holds. */
  readonly decode: (request: WireRequest, context: DecodeContext) => Decoded
  /** For the OpenAPI document. */
  readonly document: RouteDocument
}

export interface RouteDocument {
  readonly summary: string
  /** In the query string. */
  readonly parameters?: readonly RouteParameter[]
  /** Of the body, by its media types. */
  readonly bodies: readonly { readonly types: readonly string[]; readonly schema: z.ZodType }[]
  /** By name. Each is accepted as it stands, with the keys of the README's sites file. */
  readonly examples: Readonly<Record<string, RouteExample>>
  /** What each status means here; 413, 429 and 503 are the same everywhere. */
  readonly answers: Readonly<Record<number, string>>
}

export interface RouteParameter {
  readonly name: string
  readonly description: string
  readonly isRequired: boolean
  readonly schema: z.ZodType
}

export interface RouteExample {
  /** Without `?`. */
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly type: string
  /** Text is sent as it is, anything else as JSON. */
  readonly body: unknown
}
