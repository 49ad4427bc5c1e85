import type { DropReason } from '@millrace/events'
import {
  eventRoutes,
  rawRecord,
  readCapturedRequest,
  type CaptureProblem,
  type Intake,
  type UnsequencedEvent,
} from '@millrace/intake'
import type { AppendRecord } from '@millrace/log'
import { assert } from '@millrace/runtime'
import type { SourceLine } from './import-lines.ts'

/** Why a line gives no events. */
export type RejectCause = CaptureProblem | 'line_too_long' | 'record_too_large' | 'refused'

/** What becomes of one line. */
export type LineResult =
  | { readonly kind: 'blank' }
  | { readonly kind: 'rejected'; readonly cause: RejectCause; readonly message: string }
  | {
      readonly kind: 'request'
      /** Unix milliseconds. */
      readonly receivedAt: number
      readonly events: readonly ImportedEvent[]
    }

export interface ImportedEvent {
  readonly site: string
  readonly receivedAt: number
  /** Set when a rule of the door refused it. */
  readonly drop: DropReason | undefined
  readonly record: AppendRecord
}

export interface ImportReaderOptions {
  readonly intake: Pick<Intake, 'read'>
  readonly producerId: string
  readonly partitionCount: number
  readonly limits: {
    readonly lineBytesMax: number
    readonly bodyBytesMax: number
    readonly recordBytesMax: number
  }
  /** When the file's first run began, Unix milliseconds: what was received later is refused, by every run alike. */
  readonly now: number
}

/**
 * Turns lines into raw records as the producer would have made them. The sequence of a record is its place in the file:
 * the byte at which its line begins, plus which of the request's events it is. So it needs no memory of what came before,
 * and whoever sends a line again, from wherever, sends it under the same sequences.
 */
export class ImportReader {
  readonly #options: ImportReaderOptions

  constructor(options: ImportReaderOptions) {
    this.#options = options
  }

  read(line: SourceLine): LineResult {
    const { intake, limits, now } = this.#options
    const { bytes } = line
    if (bytes === undefined) {
      return rejected('line_too_long', `a line may have ${limits.lineBytesMax} bytes`)
    }
    if (isBlank(bytes)) return { kind: 'blank' }
    const captured = readCapturedRequest(bytes, {
      routes: eventRoutes,
      bodyBytesMax: limits.bodyBytesMax,
      now,
    })
    if (!captured.ok) return rejected(captured.cause, captured.message)
    const { route, request, receivedAt } = captured
    const taken = intake.read(route, request, receivedAt)
    if (!taken.ok) return rejected('refused', `${taken.status} ${taken.body}`)
    const events = taken.events.map((event, index) => this.#imported(event, line, index))
    if (events.some(({ record }) => record.value.length > limits.recordBytesMax)) {
      return rejected('record_too_large', `an event may have ${limits.recordBytesMax} bytes`)
    }
    return { kind: 'request', receivedAt, events }
  }

  #imported(event: UnsequencedEvent, { start, end }: SourceLine, index: number): ImportedEvent {
    const { producerId, partitionCount } = this.#options
    // Every event takes a byte of its request at least, or the sequences of two lines would overlap.
    assert(index < end - start, 'a line has no more events than bytes')
    const record = rawRecord(event, { producerId, partitionCount, producerSequence: start + index + 1 })
    return { site: event.site, receivedAt: event.receivedAt, drop: event.drop, record }
  }
}

function rejected(cause: RejectCause, message: string): LineResult {
  return { kind: 'rejected', cause, message }
}

function isBlank(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte > 0x20) return false
  return true
}
