import type { AcceptedEventsRow } from '@millrace/clickhouse'
import { decodeRawEvent } from '@millrace/events'
import type { AppendRecord, Position } from '@millrace/log'

const minuteMs = 60_000

/**
 * What the books must know when events that were accepted before are appended again: no event more, but a place that the
 * partition has to come to. Until then they are in flight, and not missing.
 * @param records raw records, at these places now
 * @param step.now Unix seconds
 */
export function movedEvents(
  records: readonly AppendRecord[],
  positions: readonly Position[],
  step: { readonly counterId: string; readonly now: number },
): AcceptedEventsRow[] {
  return positions.flatMap(({ partition, offset }, page) => {
    const record = records[page]
    if (record === undefined) return []
    const { site, receivedAt } = decodeRawEvent(record.value)
    return {
      site,
      minute: Math.floor(receivedAt / minuteMs) * (minuteMs / 1000),
      kafkaPartition: partition,
      counterId: step.counterId,
      page,
      accepted: 0,
      lastRawOffset: offset,
      countedAt: Math.floor(step.now),
    }
  })
}
