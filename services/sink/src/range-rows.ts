import type { DeadLetterRow, DroppedEventRow, EventRow, PassedOverRow } from '@millrace/clickhouse'
import { topics, type EnrichedEvent } from '@millrace/events'
import { unreachable } from '@millrace/runtime'
import type { Session, SessionFold, StoredSession } from '@millrace/sessions'
import {
  deadLetterRow,
  droppedRow,
  dropRow,
  eventRow,
  type EnrichedItem,
  type RowPlace,
} from './enriched-item.ts'
import { monthOf } from './insert-batch.ts'
import type { RangeRepeats } from './range-repeats.ts'
import type { FreshItems } from './raw-order.ts'

/** The rows of a range so far, but for those of its events. */
export class RangeRows {
  readonly drops: DroppedEventRow[] = []
  readonly deadLetters: DeadLetterRow[] = []
  readonly passedOver: PassedOverRow[] = []
  /** Whether an event overrides a session that may have rows in several months: see `insertLayers`. */
  mayHaveLayers = false
}

/** What the rows of a range follow from, besides its records. */
export interface RangeState {
  readonly partition: number
  /** Unix seconds. */
  readonly ingestedAt: number
  readonly inactivityGapS: number
  readonly fold: SessionFold
  /** Undefined where no event can be a repeat. */
  readonly repeats: RangeRepeats | undefined
  /** Events of the range that are stored already, by offset. */
  readonly stored: ReadonlyMap<number, StoredSession>
}

/**
 * Adds the rows of a range's next records, in order; advances sessions and repeats. What is stored already is taken as it
 * is stored.
 * @returns the rows of events, also those that are stored already: how the rows go into inserts must not depend on that
 */
export function addItems(
  rows: RangeRows,
  { fresh, passedOver }: FreshItems<EnrichedItem>,
  state: RangeState,
): EventRow[] {
  const kafkaPartition = state.partition
  const events: EventRow[] = []
  for (const { offset: kafkaOffset, rawOffset = 0 } of passedOver) {
    rows.passedOver.push({ kafkaPartition, kafkaOffset, rawOffset })
  }
  for (const item of fresh) {
    const place = { kafkaPartition, kafkaOffset: item.offset }
    switch (item.kind) {
      case 'event': {
        const row = eventOrDrop(rows, item.event, { place, state })
        if (row !== undefined) events.push(row)
        break
      }
      case 'drop':
        rows.drops.push(dropRow(item.drop, place))
        break
      case 'undecodable':
        rows.deadLetters.push(deadLetterRow({ ...item, record: item.bytes, topic: topics.enriched }, place))
        break
      default:
        unreachable(item)
    }
  }
  return events
}

function eventOrDrop(
  rows: RangeRows,
  event: EnrichedEvent,
  { place, state }: { readonly place: RowPlace; readonly state: RangeState },
): EventRow | undefined {
  const { fold, stored, ingestedAt } = state
  const { kafkaPartition, kafkaOffset } = place
  const repeats = event.clientEventId === '' ? undefined : state.repeats
  const storedSession = stored.get(kafkaOffset)
  if (storedSession !== undefined) {
    fold.restore([storedSession])
    repeats?.store(event, storedSession.userId)
    return eventRow(event, storedSession, { kafkaPartition, kafkaOffset, ingestedAt })
  }
  if (repeats?.isRepeat(event) === true) {
    rows.drops.push(droppedRow(event, 'repeat', place))
    return undefined
  }
  const session = fold.assign(event)
  if (session === undefined) {
    rows.drops.push(droppedRow(event, 'no_session_for_engagement', place))
    return undefined
  }
  if (event.overrides !== undefined && mayLieInSeveralMonths(session, state)) rows.mayHaveLayers = true
  repeats?.store(event, session.userId)
  return eventRow(event, session, { kafkaPartition, kafkaOffset, ingestedAt })
}

/** A late event may lie as much as the gap before its session's start. */
function mayLieInSeveralMonths(
  { start, lastActivity }: Session,
  { inactivityGapS }: Pick<RangeState, 'inactivityGapS'>,
): boolean {
  return monthOf(start - inactivityGapS).name !== monthOf(lastActivity).name
}
