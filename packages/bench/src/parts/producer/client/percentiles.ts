import type { Latency } from '../../../core/sample.ts'

/** @param values in any order; of none, all are 0 */
export function latencyOf(values: readonly number[]): Latency {
  const sorted = Float64Array.from(values).sort()
  return {
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    p999: percentile(sorted, 0.999),
  }
}

/** The smallest value that at least this share of all values is not above. */
function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}
