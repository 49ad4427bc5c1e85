import type { Assignment } from '@millrace/log'
import { NeighbourError } from '@millrace/runtime'
import { decodeMetadata, isIntent, type Intent } from './intent.ts'

/** Greatest offsets among the stored rows of a partition, -1 without rows (and where rows do not tell). */
export interface StoredPlace {
  readonly offset: number
  readonly raw: number
}

export interface StartingPlace {
  /** First offset that is not known to be stored. */
  readonly next: number
  /** Greatest raw offset below it. */
  readonly raw: number
  /** The range to insert again first; it starts at `next`. */
  readonly intent: Intent | undefined
  /** Rows up to this offset may be stored already, under the token of a range that was refused as a whole. */
  readonly split: number | undefined
  /** Records that retention took before they were stored: from, and up to but without. */
  readonly lost: { readonly from: number; readonly to: number } | undefined
  /** The group had no position of ours, so it was taken from the stored rows. */
  readonly isFromRows: boolean
}

/**
 * Where a partition's loop begins: from the committed position and its metadata; where there is none, from the rows.
 * @param storedPlace asked only then
 * @throws NeighbourError `METADATA_NOT_UNDERSTOOD`; `LOG_ENDS_BEFORE_POSITION` when the log is not the one it was;
 *   `RECORDS_LOST` when retention passed the position and `lostRecords` is `stop`
 */
export async function startingPlace(
  assignment: Pick<Assignment, 'topic' | 'partition' | 'committed' | 'watermarks'>,
  options: {
    readonly storedPlace: () => Promise<StoredPlace>
    readonly lostRecords: 'stop' | 'skip'
  },
): Promise<StartingPlace> {
  const { committed, watermarks } = assignment
  const metadata = committed === undefined ? undefined : decodeMetadata(committed)
  if (committed !== undefined && metadata !== undefined) {
    const intent = isIntent(metadata) ? metadata : undefined
    const { raw, split } = metadata
    return retained(assignment, { ...options, next: committed.offset, raw, intent, split })
  }
  const stored = await options.storedPlace()
  const isFromRows = stored.offset >= 0 || stored.raw >= 0
  const next = committed?.offset ?? (stored.offset < 0 ? watermarks.low : stored.offset + 1)
  const place = retained(assignment, {
    ...options,
    next,
    raw: stored.raw,
    intent: undefined,
    split: undefined,
  })
  return { ...place, isFromRows }
}

function retained(
  { topic, partition, watermarks }: Pick<Assignment, 'topic' | 'partition' | 'watermarks'>,
  options: {
    readonly next: number
    readonly raw: number
    readonly intent: Intent | undefined
    readonly split: number | undefined
    readonly lostRecords: 'stop' | 'skip'
  },
): StartingPlace {
  const { next, raw, intent, split, lostRecords } = options
  const { low, high } = watermarks
  const end = intent === undefined ? next : intent.last + 1
  if (end > high) {
    throw new NeighbourError(
      `${topic}/${partition} ends at offset ${high}, but is stored up to ${end}: the log was replaced; ` +
        'use a new ClickHouse database with it',
      { code: 'LOG_ENDS_BEFORE_POSITION', retriable: false },
    )
  }
  if (next >= low) return { next, raw, intent, split, lost: undefined, isFromRows: false }
  if (lostRecords === 'stop') {
    throw new NeighbourError(
      `${topic}/${partition}: offsets ${next} to ${low - 1} were deleted by retention before they were stored; ` +
        'start with LOST_RECORDS=skip to go on without them',
      { code: 'RECORDS_LOST', retriable: false },
    )
  }
  // What is left of an intent's range may be stored already: it is passed over with the rest of the range.
  const to = Math.max(low, end)
  return { next: to, raw, intent: undefined, split, lost: { from: next, to }, isFromRows: false }
}
