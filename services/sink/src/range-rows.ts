import type { DeadLetterRow, DroppedEventRow, EventRow, PassedOverRow } from '@millrace/clickhouse'
import { topics, type EnrichedEvent } from '@millrace/events'
import { unreachable } from '@millrace/runtime'
import type { SessionFold, StoredSession } from '@millrace/sessions'
import {
  deadLetterRow,
  droppedRow,
  dropRow,
  eventRow,
  type EnrichedItem,
  type RowPlace,
} from './enriched-item.ts'
import type { FreshBatch } from './partition-loop.ts'
import type { RangeRepeats } from './range-repeats.ts'

export interface RangeRows {
  /** Also those that are stored already: how the rows go into inserts must not depend on that. */
  readonly events: EventRow[]
  /** Offsets of those that are. */
  readonly storedEvents: ReadonlySet<number>
  readonly drops: DroppedEventRow[]
  readonly deadLetters: DeadLetterRow[]
  readonly passedOver: PassedOverRow[]
}

/** What the rows of a range follow from, besides its records. */
export interface RangeState {
  readonly partition: number
  /** Unix seconds. */
  readonly ingestedAt: number
  readonly fold: SessionFold
  /** Undefined where no event can be a repeat. */
  readonly repeats: RangeRepeats | undefined
  /** Events of the range that are stored already, by offset. */
  readonly stored: ReadonlyMap<number, StoredSession>
}

/**
 * The rows of a range's records, in order; advances sessions and repeats. What is stored already is taken as it is
 * stored.
 */
export function rangeRows(
  { items, passedOver }: Pick<FreshBatch<EnrichedItem>, 'items' | 'passedOver'>,
  state: RangeState,
): RangeRows {
  const kafkaPartition = state.partition
  const rows: RangeRows = {
    events: [],
    storedEvents: new Set(state.stored.keys()),
    drops: [],
    deadLetters: [],
    passedOver: passedOver.map(({ offset: kafkaOffset, rawOffset = 0 }) => {
      return { kafkaPartition, kafkaOffset, rawOffset }
    }),
  }
  for (const item of items) {
    const place = { kafkaPartition, kafkaOffset: item.offset }
    switch (item.kind) {
      case 'event':
        addEvent(rows, item.event, { place, state })
        break
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
  return rows
}

function addEvent(
  rows: RangeRows,
  event: EnrichedEvent,
  { place, state }: { readonly place: RowPlace; readonly state: RangeState },
): void {
  const { fold, stored, ingestedAt } = state
  const repeats = event.clientEventId === '' ? undefined : state.repeats
  const storedSession = stored.get(place.kafkaOffset)
  if (storedSession !== undefined) {
    fold.restore([storedSession])
    repeats?.store(event, storedSession.userId)
    rows.events.push(eventRow(event, storedSession, { ...place, ingestedAt }))
    return
  }
  if (repeats?.isRepeat(event) === true) {
    rows.drops.push(droppedRow(event, 'repeat', place))
    return
  }
  const session = fold.assign(event)
  if (session === undefined) {
    rows.drops.push(droppedRow(event, 'no_session_for_engagement', place))
    return
  }
  repeats?.store(event, session.userId)
  rows.events.push(eventRow(event, session, { ...place, ingestedAt }))
}
