import { decodeRawEvent, UndecodableRecordError, type RawEvent } from '@millrace/events'
import { LogError, type Assignment, type LogRecord, type Watermarks } from '@millrace/log'
import { NeighbourError } from '@millrace/runtime'
import { decodeSequences } from './committed-sequences.ts'
import { ProducerSequences } from './producer-sequences.ts'

const fetchRecordsMax = 1_000
const fetchWaitMsMax = 500
/** Retention may overtake the reader; then it starts again from what is left. */
const triesMax = 3

export interface RebuildOptions {
  /** How far before the position the partition is read. A repeat follows its first writing within a batch or two. */
  readonly recordsMax: number
  /** What the partition retains now. */
  readonly watermarks: () => Promise<Watermarks>
  readonly waitMsMax: number
  readonly now: () => number
}

/**
 * Remembers the producers' last sequences: those committed with the position, then, where not every one was, those of a
 * bounded stretch before it. Leaves the assignment at the position that the loop starts from.
 * @throws NeighbourError `REBUILD_TOO_SLOW` (retriable) when the stretch does not come within `waitMsMax`;
 * `METADATA_NOT_UNDERSTOOD`
 */
export async function rebuildSequences(
  assignment: Assignment,
  options: RebuildOptions,
): Promise<ProducerSequences> {
  let { low } = assignment.watermarks
  const { committed } = assignment
  if (committed === undefined) return new ProducerSequences()
  const position = committed.offset
  const { sequences, isComplete } = decodeSequences(committed)
  if (isComplete) return sequences
  for (let attempt = 1; ; attempt++) {
    try {
      const from = Math.max(low, position - options.recordsMax)
      await readStretch(assignment, { ...options, sequences, from, to: position })
      assignment.seek(position)
      return sequences
    } catch (error) {
      const isOvertaken = error instanceof LogError && error.code === 'OFFSET_OUT_OF_RANGE'
      if (!isOvertaken || attempt === triesMax) throw error
      low = (await options.watermarks()).low
    }
  }
}

async function readStretch(
  assignment: Assignment,
  options: RebuildOptions & {
    readonly sequences: ProducerSequences
    readonly from: number
    readonly to: number
  },
): Promise<void> {
  const { sequences, from, to, now } = options
  if (from >= to) return
  assignment.seek(from)
  const deadline = now() + options.waitMsMax
  for (let next = from; next < to && !assignment.signal.aborted;) {
    const recordsMax = Math.min(fetchRecordsMax, to - next)
    const records = await assignment.fetch({ recordsMax, waitMsMax: fetchWaitMsMax })
    for (const record of records) if (record.offset < to) remember(sequences, record)
    next = (records.at(-1)?.offset ?? next - 1) + 1
    if (next < to && now() > deadline) {
      const message = `partition ${String(assignment.partition)} was not read back to ${String(to)} in time`
      throw new NeighbourError(message, { code: 'REBUILD_TOO_SLOW', retriable: true })
    }
  }
}

function remember(sequences: ProducerSequences, record: LogRecord): void {
  const raw = decodedOrUndefined(record)
  if (raw !== undefined) sequences.admit(raw)
}

/** An undecodable record has become a dead letter when it was first read; it says nothing about sequences. */
function decodedOrUndefined(record: LogRecord): RawEvent | undefined {
  try {
    return decodeRawEvent(record.value)
  } catch (error) {
    if (error instanceof UndecodableRecordError) return undefined
    throw error
  }
}
