import { decodeRawEvent, UndecodableRecordError, type RawEvent } from '@millrace/events'
import { LogError, type Assignment, type LogRecord, type Watermarks } from '@millrace/log'
import { NeighbourError } from '@millrace/runtime'
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
 * Remembers the producers' last sequences by reading a bounded stretch before the position the loop starts from, and
 * leaves the assignment at that position.
 * @throws NeighbourError `REBUILD_TOO_SLOW` (retriable) when the stretch does not come within `waitMsMax`
 */
export async function rebuildSequences(
  assignment: Assignment,
  options: RebuildOptions,
): Promise<ProducerSequences> {
  let { low } = assignment.watermarks
  const position = assignment.committed?.offset ?? low
  for (let attempt = 1; ; attempt++) {
    try {
      const sequences = await readStretch(assignment, {
        ...options,
        from: Math.max(low, position - options.recordsMax),
        to: position,
      })
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
  options: RebuildOptions & { readonly from: number; readonly to: number },
): Promise<ProducerSequences> {
  const { from, to, now } = options
  const sequences = new ProducerSequences()
  if (from >= to) return sequences
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
  return sequences
}

function remember(sequences: ProducerSequences, record: LogRecord): void {
  const raw = decodedOrUndefined(record)
  if (raw !== undefined) {
    const { producerId, producerSequence } = raw
    sequences.admit({ producerId, producerSequence, offset: record.offset })
  }
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
