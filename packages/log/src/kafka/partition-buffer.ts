import { LogError } from '../log-error.ts'
import type { LogRecord } from '../log.ts'
import { RecordReader, type FetchedBatch } from './record-batch.ts'

export interface BufferOptions {
  readonly topic: string
  readonly partition: number
  /** Where the first fetch starts. */
  readonly position: number
  readonly highWatermark: number
  /** Of decompressed records fetched ahead; nothing is fetched while more than half of it waits. */
  readonly bytesMax: number
  /** Called when it may have become wanted. */
  readonly onWanted: () => void
}

/** What one fetch asked for, so that an answer that was overtaken by a seek is told apart. */
export interface Wanted {
  readonly offset: number
  readonly seekCount: number
  readonly bytesMax: number
}

/** The broker's default `max.message.bytes`: a smaller fetch could bring no whole batch, again and again. */
const fetchBytesMin = 1_048_588
const fetchBytesMax = 4_194_304
/** Until a fetch has shown how far this partition's records compress. */
const expansionAtFirst = 4

/**
 * The records of one partition between the fetches that bring them and the loop that takes them: bounded, in order,
 * and without a gap.
 */
export class PartitionBuffer {
  readonly topic: string
  readonly partition: number
  readonly #bytesMax: number
  readonly #onWanted: () => void
  #batches: FetchedBatch[] = []
  #reader: RecordReader | undefined
  #bytes = 0
  /** The offset of the next record that the loop takes. */
  #position: number
  #fetchOffset: number
  #highWatermark: number
  #seekCount = 0
  #expansion = expansionAtFirst
  #isStarted = false
  #isPaused = false
  #isClosed = false
  #failure: LogError | undefined
  #waiting: (() => void) | undefined

  constructor(options: BufferOptions) {
    this.topic = options.topic
    this.partition = options.partition
    this.#position = options.position
    this.#fetchOffset = options.position
    this.#highWatermark = options.highWatermark
    this.#bytesMax = options.bytesMax
    this.#onWanted = options.onWanted
  }

  get highWatermark(): number {
    return this.#highWatermark
  }

  /** What to fetch next; undefined while nothing is wanted. */
  wanted(): Wanted | undefined {
    const isWanted = this.#isStarted && !this.#isPaused && !this.#isClosed && this.#failure === undefined
    const room = this.#bytesMax - this.#bytes
    if (!isWanted || room < this.#bytesMax / 2) return undefined
    const bytesMax = Math.min(fetchBytesMax, Math.max(fetchBytesMin, Math.floor(room / this.#expansion)))
    return { offset: this.#fetchOffset, seekCount: this.#seekCount, bytesMax }
  }

  /** True when a later seek has made the fetch's answer worthless. */
  isOvertaken({ seekCount }: Wanted): boolean {
    return this.#isClosed || seekCount !== this.#seekCount
  }

  /** Takes over what was fetched: batches below the wanted offset are left out, a gap above it is a failure. */
  accept(
    wanted: Wanted,
    fetched: { batches: readonly FetchedBatch[]; highWatermark: number; bytes: number },
  ): void {
    if (this.isOvertaken(wanted)) return
    this.#highWatermark = fetched.highWatermark
    let bytes = 0
    for (const batch of fetched.batches) {
      if (batch.nextOffset <= this.#fetchOffset) continue
      if (batch.baseOffset > this.#fetchOffset) {
        this.fail(this.#outOfRange(`records ${this.#fetchOffset} to ${batch.baseOffset - 1} are missing`))
        return
      }
      this.#batches.push(batch)
      this.#fetchOffset = batch.nextOffset
      bytes += batch.records.length
    }
    this.#bytes += bytes
    if (bytes > 0 && fetched.bytes > 0) this.#expansion = Math.max(1, bytes / fetched.bytes)
    if (bytes > 0) this.#wake()
  }

  /** The wanted offset is not in the log. */
  failOutOfRange({ offset }: Wanted): void {
    this.fail(this.#outOfRange(`offset ${offset} is not retained, or not yet written`))
  }

  /** What the loop's next fetch rejects with; a seek clears it. */
  fail(failure: LogError): void {
    this.#failure = failure
    this.#wake()
  }

  seek(offset: number): void {
    this.#seekCount++
    this.#batches = []
    this.#reader = undefined
    this.#bytes = 0
    this.#position = offset
    this.#fetchOffset = offset
    this.#failure = undefined
    if (this.#isStarted) this.#onWanted()
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#onWanted()
  }

  /** Nothing more is fetched or taken. */
  close(): void {
    this.#isClosed = true
    this.#batches = []
    this.#reader = undefined
    this.#wake()
  }

  /** The next records, as many as there are, at most `recordsMax`. @throws LogError what `fail` was told */
  take(recordsMax: number): readonly LogRecord[] {
    if (!this.#isStarted) {
      this.#isStarted = true
      this.#onWanted()
    }
    const records: LogRecord[] = []
    while (records.length < recordsMax) {
      const record = this.#next()
      if (record === undefined) break
      records.push(record)
    }
    if (records.length === 0 && this.#failure !== undefined) throw this.#failure
    return records
  }

  #next(): LogRecord | undefined {
    for (;;) {
      const batch = this.#batches[0]
      if (batch === undefined) return undefined
      this.#reader ??= new RecordReader(batch)
      const record = this.#reader.next()
      if (record === undefined) this.#dropFirst(batch)
      else if (record.offset >= this.#position) {
        this.#position = record.offset + 1
        return record
      }
    }
  }

  #dropFirst(batch: FetchedBatch): void {
    this.#reader = undefined
    this.#batches.shift()
    this.#bytes -= batch.records.length
    this.#onWanted()
  }

  /** Resolves when there may be something to take, at the end of the wait, or with the signal. */
  async untilSomething(waitMsMax: number, signal: AbortSignal): Promise<void> {
    if (this.#batches.length > 0 || this.#failure !== undefined || this.#isClosed || signal.aborted) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        this.#waiting = undefined
        resolve()
      }
      const timer = setTimeout(done, waitMsMax)
      signal.addEventListener('abort', done)
      this.#waiting = done
    })
  }

  #wake(): void {
    this.#waiting?.()
  }

  #outOfRange(why: string): LogError {
    const message = `${this.topic}-${this.partition}: ${why}`
    return new LogError(message, { code: 'OFFSET_OUT_OF_RANGE', retriable: false })
  }
}
