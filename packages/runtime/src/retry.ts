import { delay } from './delay.ts'
import { isRetriable } from './neighbour-error.ts'

export interface RetryOptions {
  readonly delayMsMin: number
  readonly delayMsMax: number
  /** Tries in all; without it only the signal and an error that is not retriable end the tries. */
  readonly triesMax?: number
  /** When it aborts, the last error is thrown instead of another try. */
  readonly signal?: AbortSignal
  readonly onRetry?: (error: unknown, attempt: number) => void
  /** 0 to 1; a parameter so that tests are replays. */
  readonly random?: () => number
}

/** Tries again after retriable errors, with doubling delays, full jitter and a cap. */
export async function retry<T>(
  operation: (attempt: number) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const isAborted = (): boolean => options.signal?.aborted ?? false
  for (let attempt = 1; ; attempt++) {
    try {
      return await operation(attempt)
    } catch (error) {
      const last = attempt === options.triesMax || isAborted()
      if (last || !isRetriable(error)) throw error
      options.onRetry?.(error, attempt)
      const cap = Math.min(options.delayMsMax, options.delayMsMin * 2 ** (attempt - 1))
      await delay(cap * (0.5 + 0.5 * (options.random ?? Math.random)()), options.signal)
      if (isAborted()) throw error
    }
  }
}
