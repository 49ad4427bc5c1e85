import type { AppendRecord } from '@millrace/log'
import { retry } from '@millrace/runtime'

export interface AppendInOrderOptions {
  /** Appends one chunk; a retriable rejection leaves it open whether it was written. */
  readonly append: (records: readonly AppendRecord[]) => Promise<unknown>
  readonly recordsMax: number
  /** Value bytes of a chunk; one record always fits. */
  readonly bytesMax: number
  readonly signal: AbortSignal
  readonly onRetry: (error: unknown) => void
}

/**
 * Appends the records chunk by chunk, each repeated until it is durable before the next is begun: the reader of the
 * partition takes what is not above the last raw offset for a repeat, so a later chunk ahead of an earlier one would
 * lose the earlier.
 * @returns false when the signal aborted first
 */
export async function appendInOrder(
  records: readonly AppendRecord[],
  options: AppendInOrderOptions,
): Promise<boolean> {
  const { signal, onRetry } = options
  for (const chunk of chunksOf(records, options)) {
    try {
      await retry(() => options.append(chunk), { delayMsMin: 100, delayMsMax: 2_000, signal, onRetry })
    } catch (error) {
      if (signal.aborted) return false
      throw error
    }
  }
  return true
}

function* chunksOf(
  records: readonly AppendRecord[],
  limits: { readonly recordsMax: number; readonly bytesMax: number },
): Generator<readonly AppendRecord[]> {
  let from = 0
  let bytes = 0
  for (const [index, { value }] of records.entries()) {
    const isFull = index - from === limits.recordsMax || bytes + value.length > limits.bytesMax
    if (isFull && index > from) {
      yield records.slice(from, index)
      from = index
      bytes = 0
    }
    bytes += value.length
  }
  if (from < records.length) yield records.slice(from)
}
