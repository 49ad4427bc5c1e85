import type { AppendRecord, Assignment, CommittedPosition, LogRecord, Watermarks } from '@millrace/log'
import { assert, isRetriable, retry } from '@millrace/runtime'
import { appendInOrder } from './append-in-order.ts'
import { encodeSequences } from './committed-sequences.ts'
import type { InternalEvents, PartitionProgress } from './internal-events.ts'
import type { OutcomeRules } from './outcome.ts'
import type { ProducerSequences } from './producer-sequences.ts'
import { rebuildSequences } from './rebuild-sequences.ts'
import type { VisitorSalts } from './salts.ts'
import { daysOf, decodeBatch, nothingSettled, settleBatch, type SettledBatch } from './settle-batch.ts'

/** Raw records that are decoded and settled together. */
const stretchRecords = 100

export interface EnricherOptions {
  /** Appends one produce batch, in order within each partition; resolves once it is durable. */
  readonly append: (records: readonly AppendRecord[]) => Promise<unknown>
  readonly saltsFor: (receivedAt: number) => Promise<VisitorSalts>
  readonly rules: OutcomeRules
  /** Next free offset of a raw partition, as last looked up. */
  readonly head?: (partition: number) => number
  readonly rawWatermarks: () => Promise<readonly Watermarks[]>
  readonly deadLetterPartitions: number
  readonly internalEvents: InternalEvents
  readonly now: () => number
  readonly limits: {
    readonly fetchRecordsMax: number
    readonly fetchWaitMsMax: number
    readonly appendRecordsMax: number
    readonly appendBytesMax: number
    readonly rebuildRecordsMax: number
    readonly rebuildWaitMsMax: number
  }
}

/** Turns raw records into enriched ones, partition by partition, in the partition of the same number. */
export class Enricher {
  readonly #options: EnricherOptions
  readonly #progress = new Map<number, () => PartitionProgress>()

  constructor(options: EnricherOptions) {
    this.#options = options
  }

  /** Where each partition in hand stands. */
  progress(): PartitionProgress[] {
    return [...this.#progress.values()].map((read) => read())
  }

  /** One partition, until it is taken away: fetch, decode, repeats out, enrich, append, commit. */
  async run(assignment: Assignment): Promise<void> {
    const { limits, internalEvents } = this.#options
    const { partition, signal } = assignment
    let position = assignment.committed?.offset ?? assignment.watermarks.low
    const sequences = await this.#rebuild(assignment)
    internalEvents.partitionTaken({ partition, position, producers: sequences.size })
    const progress = () => ({
      partition,
      position,
      highWatermark: Math.max(assignment.highWatermark(), this.#options.head?.(partition) ?? 0),
    })
    this.#progress.set(partition, progress)
    try {
      while (!signal.aborted) {
        const records = await assignment.fetch({
          recordsMax: limits.fetchRecordsMax,
          waitMsMax: limits.fetchWaitMsMax,
        })
        position = await this.#carry(assignment, { records, sequences, position })
      }
    } finally {
      if (this.#progress.get(partition) === progress) this.#progress.delete(partition)
      internalEvents.partitionGivenUp({ partition, position })
    }
  }

  /** Takes one fetched batch to the enriched topic. @returns the position that is committed afterwards */
  async #carry(
    assignment: Assignment,
    batch: {
      readonly records: readonly LogRecord[]
      readonly sequences: ProducerSequences
      readonly position: number
    },
  ): Promise<number> {
    const last = batch.records.at(-1)
    if (last === undefined) return batch.position
    const startedAt = performance.now()
    const settled = await this.#settle(assignment, batch)
    if (settled === undefined) return batch.position
    // Dead letters first and the commit last: a crash in between repeats the batch, and nothing is passed over.
    const isWritten =
      (await this.#append(assignment, settled.deadLetters)) &&
      (await this.#append(assignment, settled.enriched))
    if (!isWritten) return batch.position
    const position = { offset: last.offset + 1, metadata: encodeSequences(batch.sequences) }
    if (!(await this.#commit(assignment, position))) return batch.position
    this.#count(assignment.partition, settled, performance.now() - startedAt)
    return last.offset + 1
  }

  /**
   * A stretch at a time, so that what is decoded is soon forgotten: a whole batch of it outlives the young generation.
   * @returns undefined when the partition was taken away before the salts of its days were at hand
   */
  async #settle(
    assignment: Assignment,
    batch: { readonly records: readonly LogRecord[]; readonly sequences: ProducerSequences },
  ): Promise<SettledBatch | undefined> {
    const { rules, deadLetterPartitions, now } = this.#options
    const { partition } = assignment
    const { records, sequences } = batch
    const salts = new Map<number, VisitorSalts>()
    const context = { partition, salts, sequences, rules, deadLetterPartitions, failedAt: now() }
    const settled = nothingSettled()
    for (let from = 0; from < records.length; from += stretchRecords) {
      const decoded = decodeBatch(records.slice(from, from + stretchRecords))
      const days = daysOf(decoded, salts)
      if (days.length > 0 && !(await this.#learnSalts(days, { salts, signal: assignment.signal })))
        return undefined
      settleBatch(decoded, context, settled)
    }
    return settled
  }

  /** @returns false when the signal aborted first */
  async #learnSalts(
    days: readonly (readonly [day: number, receivedAt: number])[],
    { salts, signal }: { readonly salts: Map<number, VisitorSalts>; readonly signal: AbortSignal },
  ): Promise<boolean> {
    const { saltsFor, internalEvents } = this.#options
    const learn = async (): Promise<void> => {
      for (const [day, receivedAt] of days) salts.set(day, await saltsFor(receivedAt))
    }
    const onRetry = (error: unknown): void => internalEvents.appendRetried(error)
    try {
      await retry(learn, { delayMsMin: 100, delayMsMax: 2_000, signal, onRetry })
      return true
    } catch (error) {
      if (signal.aborted) return false
      throw error
    }
  }

  #append(assignment: Assignment, records: readonly AppendRecord[]): Promise<boolean> {
    const { append, internalEvents, limits } = this.#options
    return appendInOrder(records, {
      append,
      recordsMax: limits.appendRecordsMax,
      bytesMax: limits.appendBytesMax,
      signal: assignment.signal,
      onRetry: (error) => internalEvents.appendRetried(error),
    })
  }

  /** @returns false when the partition was taken away before the log had the commit: the successor repeats the batch */
  async #commit(assignment: Assignment, position: CommittedPosition): Promise<boolean> {
    const { internalEvents } = this.#options
    const { signal } = assignment
    const onRetry = (error: unknown): void => internalEvents.appendRetried(error)
    try {
      await retry(() => assignment.commit(position), { delayMsMin: 100, delayMsMax: 2_000, signal, onRetry })
      return true
    } catch (error) {
      if (signal.aborted && isRetriable(error)) return false
      throw error
    }
  }

  async #rebuild(assignment: Assignment): Promise<ProducerSequences> {
    const { limits, now, rawWatermarks } = this.#options
    return rebuildSequences(assignment, {
      recordsMax: limits.rebuildRecordsMax,
      waitMsMax: limits.rebuildWaitMsMax,
      now,
      watermarks: async () => {
        const found = (await rawWatermarks())[assignment.partition]
        assert(found !== undefined, 'an assigned partition has watermarks')
        return found
      },
    })
  }

  #count(partition: number, settled: SettledBatch, ms: number): void {
    const { internalEvents, now } = this.#options
    for (const failure of settled.failures) internalEvents.recordFailed({ partition, ...failure })
    internalEvents.batchCommitted(
      {
        events: settled.events,
        drops: settled.drops,
        deadLetters: settled.deadLetters.length,
        repeats: settled.repeats,
      },
      { ms, ageMs: settled.newestReceivedAt === 0 ? 0 : now() - settled.newestReceivedAt },
    )
  }
}
