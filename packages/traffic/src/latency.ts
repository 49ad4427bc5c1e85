import { createHistogram } from 'node:perf_hooks'

export interface LatencyMs {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

/** Of the histogram, microseconds: an hour. What is longer counts as that. */
const highestUs = 3_600_000_000

/** Times in bounded memory, to three digits. */
export class Latencies {
  readonly #histogram = createHistogram({ lowest: 1, highest: highestUs, figures: 3 })

  get count(): number {
    return this.#histogram.count
  }

  record(ms: number): void {
    this.#histogram.record(Math.min(highestUs, Math.max(1, Math.round(ms * 1_000))))
  }

  /** All 0 when there are none. */
  read(): LatencyMs {
    const at = (percent: number): number => this.#histogram.percentile(percent) / 1_000
    if (this.count === 0) return { p50: 0, p90: 0, p99: 0, p999: 0, max: 0 }
    return { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: this.#histogram.max / 1_000 }
  }

  reset(): void {
    this.#histogram.reset()
  }
}
