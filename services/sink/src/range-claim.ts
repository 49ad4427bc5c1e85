import type { Assignment } from '@millrace/log'
import { retry } from '@millrace/runtime'
import { encodeMetadata, type CommitMetadata, type Intent } from './intent.ts'

/**
 * An intent older than this is committed again before an insert is sent: a process that was frozen, or that has waited
 * long for the store, learns here that its range belongs to a successor. Far below the time that tokens are kept.
 */
const intentAgeMsMax = 10_000

/** How a neighbour that fails is tried again: doubling waits with jitter, without a last try. */
export interface RetryDelays {
  readonly delayMsMin: number
  readonly delayMsMax: number
}

export interface ClaimOptions {
  /** Milliseconds, monotonic. */
  readonly now: () => number
  readonly retryDelays: RetryDelays
  readonly onRetry: (error: unknown) => void
}

/** The right to insert one range of a partition: its intent, committed under the member's generation. */
export class RangeClaim {
  readonly intent: Intent
  readonly #assignment: Assignment
  readonly #options: ClaimOptions
  #confirmedAt = -Infinity

  constructor(assignment: Assignment, intent: Intent, options: ClaimOptions) {
    this.#assignment = assignment
    this.intent = intent
    this.#options = options
  }

  get place(): { readonly topic: string; readonly partition: number } {
    const { topic, partition } = this.#assignment
    return { topic, partition }
  }

  get signal(): AbortSignal {
    return this.#assignment.signal
  }

  /** Deduplication token of the range: a pure function of its place in the log. */
  get token(): string {
    const { topic, partition } = this.place
    return `${topic}:${partition}:${this.intent.first}-${this.intent.last}`
  }

  /**
   * Commits the intent, unless that was done a moment ago.
   * @throws PartitionLostError
   */
  async confirm(): Promise<void> {
    const { now } = this.#options
    if (now() - this.#confirmedAt <= intentAgeMsMax) return
    const sentAt = now()
    await commit(this.#assignment, { offset: this.intent.first, metadata: this.intent }, this.#options)
    this.#confirmedAt = sentAt
  }
}

/** @throws PartitionLostError; a LogError only when the assignment has ended */
export async function commit(
  assignment: Assignment,
  { offset, metadata }: { readonly offset: number; readonly metadata: CommitMetadata },
  { onRetry, retryDelays }: Pick<ClaimOptions, 'onRetry' | 'retryDelays'>,
): Promise<void> {
  const position = { offset, metadata: encodeMetadata(metadata) }
  await retry(() => assignment.commit(position), { ...retryDelays, signal: assignment.signal, onRetry })
}
