import { AcceptedCounts } from '@millrace/intake'
import type { AppendRecord, Position } from '@millrace/log'
import type { ImportedEvent } from './import-reader.ts'
import type { ImportBooks } from './import-sender.ts'

/** Books imported events as accepted, in the topic of the books. */
export class LogBooks implements ImportBooks {
  readonly #counts: AcceptedCounts
  readonly #ends: readonly number[]
  readonly #append: (records: readonly AppendRecord[]) => Promise<unknown>

  /** @param options.ends next free raw offsets by partition when this run began: what earlier runs sent lies before them */
  constructor(options: {
    readonly counterId: string
    readonly ends: readonly number[]
    readonly append: (records: readonly AppendRecord[]) => Promise<unknown>
  }) {
    this.#counts = new AcceptedCounts(options)
    this.#ends = options.ends
    this.#append = options.append
  }

  turnPage(page: number): void {
    this.#counts.turnPage(page)
  }

  add(event: ImportedEvent, place: Position | undefined): void {
    const { partition } = event.record
    this.#counts.add(event, place ?? { partition, offset: Math.max(0, (this.#ends[partition] ?? 0) - 1) })
  }

  /** A failure ends the run; the next one counts the page again. */
  async write(): Promise<void> {
    const { records } = this.#counts.take()
    if (records.length > 0) await this.#append(records)
  }
}
