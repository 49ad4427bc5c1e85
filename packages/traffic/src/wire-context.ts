import type { Browsing } from './visit.ts'

/** What the requests of all visits share. */
export interface WireContext {
  readonly browsing: Browsing
  readonly run: string
  /** 16 hexadecimal digits that no other event of this run has, and hardly one of another. */
  readonly nonce: () => string
}
