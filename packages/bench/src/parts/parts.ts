import type { BenchPart } from '../core/bench-part.ts'

/** In the order they run in. */
export const parts: readonly BenchPart[] = []
