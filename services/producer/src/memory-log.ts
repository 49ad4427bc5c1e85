import { decodeRawEvent, type RawEvent } from '@millrace/events'
import type { AppendRecord, LogAppender, LogError, Position } from '@millrace/log'

/** A log in memory that can be told to fail, or to keep its callers waiting. */
export class MemoryLog implements LogAppender {
  static readonly partitionCount = 8
  readonly records: AppendRecord[] = []
  trouble: LogError | undefined
  /** While set, appends wait for it. */
  gate: Promise<void> | undefined
  /** Appends after so many answer as one does whose records wait on the disk. */
  placesAppends = Infinity
  readonly #heads = new Array<number>(MemoryLog.partitionCount).fill(1_000)

  async append(records: readonly AppendRecord[]): Promise<readonly Position[]> {
    await this.gate
    if (this.trouble !== undefined) throw this.trouble
    this.records.push(...records)
    if (this.placesAppends-- <= 0) return []
    return records.map(({ partition }) => {
      const offset = this.#heads[partition] ?? 0
      this.#heads[partition] = offset + 1
      return { partition, offset }
    })
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  events(): RawEvent[] {
    return this.records.map(({ value }) => decodeRawEvent(value))
  }
}
