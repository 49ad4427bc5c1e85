import type { TrafficOptions } from '@millrace/traffic'
import type { Load, LoadResult, StretchEdge } from './load.ts'

/** Which requests the client has ready, encoded, before a load begins. */
export interface Preparation {
  /** Undefined: the traffic from before goes on. */
  readonly traffic?: TrafficOptions
  readonly requests: number
}

export interface Prepared {
  readonly requests: number
  /** That their acceptance stands for. */
  readonly events: number
  readonly bytes: number
}

export type ToClient =
  | { readonly kind: 'prepare'; readonly preparation: Preparation }
  | { readonly kind: 'run'; readonly load: Load }

export type FromClient =
  | { readonly kind: 'prepared'; readonly prepared: Prepared }
  | { readonly kind: 'edge'; readonly edge: StretchEdge }
  | { readonly kind: 'result'; readonly result: LoadResult }
  | { readonly kind: 'failed'; readonly message: string }
