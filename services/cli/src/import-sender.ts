import type { AppendRecord, Position } from '@millrace/log'
import { ImportCounter } from './import-counts.ts'
import type { ImportState } from './import-ledger.ts'
import type { SourceLine } from './import-lines.ts'
import type { ImportedEvent, LineResult } from './import-reader.ts'

export interface Reject {
  readonly line: number
  readonly cause: string
  readonly message: string
}

/** What the sender works with; each call is awaited before the next. */
export interface ImportSenderOptions {
  readonly read: (line: SourceLine) => LineResult
  /** Waits until so many records may go. */
  readonly room: (records: number) => Promise<void>
  /** Appends in order within each partition; resolves with the places once they are durable. */
  readonly append: (records: readonly AppendRecord[]) => Promise<readonly Position[]>
  readonly books: ImportBooks
  /** @returns bytes of the file of rejected lines */
  readonly writeRejects: (rejects: readonly Reject[]) => Promise<number>
  readonly save: (state: ImportState, options: { readonly isFinished: boolean }) => Promise<void>
  /** Stops between two chunks. */
  readonly signal: AbortSignal
  /** Milliseconds, monotonic. */
  readonly now: () => number
  readonly limits: {
    /** Of one append. */
    readonly recordsMax: number
    readonly bytesMax: number
    /** Lines of one chunk, whatever they give. */
    readonly linesMax: number
    /** Time between two saves. */
    readonly saveEveryMs: number
    /** Lines of one page of the books. */
    readonly pageLines: number
  }
}

export interface ImportBooks {
  turnPage(page: number): void
  /** @param place undefined: counted again, its place is booked already */
  add(event: ImportedEvent, place: Position | undefined): void
  /** Makes what was added durable. */
  write(): Promise<void>
}

/**
 * Sends the events of a file, from where an earlier run has come: append a chunk, then save how far it is, now and then.
 *
 * Each event is stored once, wherever a run ends and however many run at once: before a sender sends an event, every
 * earlier event of the file is durably in its partition, sent by itself or by one whose state it goes on from. So the
 * first copies of a partition's events are in the order of their sequences, and the enricher, which takes what is above
 * the last sequence, takes exactly these.
 */
export class ImportSender {
  readonly #options: ImportSenderOptions
  readonly #counter: ImportCounter
  #state: ImportState
  /** The chunk in hand: lines that were read since `#state`. */
  #events: ImportedEvent[] = []
  #bytes = 0
  #lines = 0
  #rejects: Reject[] = []
  #end: number
  #savedAt: number

  constructor(begin: ImportState, options: ImportSenderOptions) {
    this.#options = options
    this.#counter = new ImportCounter(begin.counts)
    this.#state = begin
    this.#end = begin.position
    this.#savedAt = options.now()
  }

  get state(): ImportState {
    return this.#state
  }

  /**
   * @param lines from `pagePosition` of the state on
   * @returns whether every line is dealt with; else the signal aborted
   */
  async run(lines: AsyncIterable<SourceLine>): Promise<'finished' | 'stopped'> {
    const { signal, read, limits } = this.#options
    await this.#save({ isExact: false })
    for await (const line of lines) {
      if (signal.aborted) break
      if (line.number % limits.pageLines === 1) await this.#turnPage(line)
      const result = read(line)
      if (line.start < this.#state.position) this.#bookAgain(result)
      else this.#take(line, result)
      if (this.#isFull()) await this.#flush()
    }
    await this.#flush()
    const isStopped = signal.aborted
    await this.#save({ isExact: true, isFinished: !isStopped })
    return isStopped ? 'stopped' : 'finished'
  }

  /** A page is a fixed stretch of lines, so whoever sends the file, from wherever, books the same on it. */
  async #turnPage(line: SourceLine): Promise<void> {
    await this.#flush()
    this.#options.books.turnPage((line.number - 1) / this.#options.limits.pageLines)
  }

  /** The page is counted from its beginning, also where an earlier run has sent its first lines. */
  #bookAgain(result: LineResult): void {
    if (result.kind !== 'request') return
    for (const event of result.events) this.#options.books.add(event, undefined)
  }

  #take(line: SourceLine, result: LineResult): void {
    this.#counter.add(result)
    this.#lines++
    this.#end = line.end
    if (result.kind === 'rejected') {
      const { cause, message } = result
      this.#rejects.push({ line: line.number, cause, message })
    }
    if (result.kind !== 'request') return
    for (const event of result.events) {
      this.#events.push(event)
      this.#bytes += event.record.value.length
    }
  }

  #isFull(): boolean {
    const { recordsMax, bytesMax, linesMax } = this.#options.limits
    return this.#events.length >= recordsMax || this.#bytes >= bytesMax || this.#lines >= linesMax
  }

  /** Sends the chunk in hand; leaves it when the signal aborted before anything of it was sent. */
  async #flush(): Promise<void> {
    const { room, append, books, signal, writeRejects, limits, now } = this.#options
    if (this.#lines === 0) return
    if (this.#events.length > 0) await room(this.#events.length)
    if (signal.aborted) return
    for (const events of slicesOf(this.#events, limits)) {
      const places = await append(events.map(({ record }) => record))
      for (const [index, event] of events.entries()) books.add(event, places[index])
    }
    const { rejectsBytes } = this.#state
    this.#advance(this.#rejects.length === 0 ? rejectsBytes : await writeRejects(this.#rejects))
    if (now() - this.#savedAt >= limits.saveEveryMs) await this.#save({ isExact: false })
  }

  #advance(rejectsBytes: number): void {
    const { counts } = this.#counter
    const isPageFull = counts.lines % this.#options.limits.pageLines === 0
    const pagePosition = isPageFull ? this.#end : this.#state.pagePosition
    this.#state = { position: this.#end, pagePosition, counts, isExact: false, rejectsBytes }
    this.#events = []
    this.#bytes = 0
    this.#lines = 0
    this.#rejects = []
  }

  async #save({ isExact, isFinished = false }: { isExact: boolean; isFinished?: boolean }): Promise<void> {
    await this.#options.books.write()
    await this.#options.save({ ...this.#state, isExact }, { isFinished })
    this.#savedAt = this.#options.now()
  }
}

/** Cuts events into appends of so many records and value bytes; one record always fits. */
function* slicesOf(
  events: readonly ImportedEvent[],
  { recordsMax, bytesMax }: { readonly recordsMax: number; readonly bytesMax: number },
): Generator<readonly ImportedEvent[]> {
  let from = 0
  let bytes = 0
  for (const [index, { record }] of events.entries()) {
    const isFull = index - from === recordsMax || bytes + record.value.length > bytesMax
    if (isFull && index > from) {
      yield events.slice(from, index)
      from = index
      bytes = 0
    }
    bytes += record.value.length
  }
  if (from < events.length) yield events.slice(from)
}
