import { encodeEnrichedRecord, type EnrichedEvent } from '@millrace/events'
import { anEnrichedEvent } from '@millrace/events/testing'
import { expect, it } from 'vitest'
import { decodeEnrichedItem, type EnrichedItem } from './enriched-item.ts'
import { KeptRecords, RecordSlabs } from './kept-records.ts'

const notTimes = [-1, 0.5, 2 ** 32]
const notVisitorIds = ['', 'f'.repeat(15), 'f'.repeat(17), ...['/', ':', 'F', '`', 'g', 'é'].map(withDigit)]
const unusable: Partial<EnrichedEvent>[] = [
  ...notTimes.map((timestamp) => ({ timestamp })),
  ...[-1, 2 ** 32 * 1000].map((receivedAt) => ({ receivedAt })),
  ...[-1, 0.5, 2 ** 53].map((rawOffset) => ({ rawOffset })),
  ...notVisitorIds.flatMap((id) => [{ userId: id }, { previousUserId: id }]),
]

it.each(unusable)('takes an event with %o for undecodable, and keeps its bytes', (values) => {
  const event = anEnrichedEvent(values)
  expect(decoded(event)).toMatchObject({ kind: 'undecodable', bytes: encodeEnrichedRecord(event) })
})

it.each(['0123456789abcdef', '0'.repeat(16)])('takes %s for a visitor id', (id) => {
  const event = anEnrichedEvent({ userId: id, previousUserId: id })
  expect(decoded(event)).toMatchObject({ kind: 'event', event })
})

/** Between the bytes of others. */
function decoded(event: EnrichedEvent): EnrichedItem {
  const kept = new KeptRecords(new RecordSlabs())
  const record = { offset: 0, appendedAt: 0, key: null }
  for (const value of [Buffer.from('[1'), encodeEnrichedRecord(event), Buffer.from(']')])
    kept.keep({ ...record, value })
  return decodeEnrichedItem(kept.at(1))
}

function withDigit(digit: string): string {
  return digit.padStart(16, '0')
}
