import { describe, expect, it } from 'vitest'
import { startingPlace } from './starting-place.ts'

const nothingStored = { offset: -1, raw: -1 }

function startAt(options: {
  committed?: { offset: number; metadata: string }
  low?: number
  high?: number
  stored?: { offset: number; raw: number }
  lostRecords?: 'stop' | 'skip'
}) {
  const { committed, low = 0, high = 100, stored, lostRecords = 'stop' } = options
  const watermarks = { partition: 3, low, high }
  return startingPlace(
    { topic: 'enriched', partition: 3, committed, watermarks },
    { lostRecords, storedPlace: () => Promise.resolve(stored ?? nothingStored) },
  )
}

const intent = { first: 40, last: 49, raw: 30 }
const withIntent = { offset: 40, metadata: JSON.stringify(intent) }

describe('a partition begins', () => {
  it.each([
    [
      'at the first record of a new group',
      { low: 5 },
      { next: 5, raw: -1, intent: undefined, isFromRows: false },
    ],
    [
      'where a predecessor ended',
      { committed: { offset: 50, metadata: '{"raw":39}' }, stored: { offset: 99, raw: 99 } },
      { next: 50, raw: 39, intent: undefined, isFromRows: false },
    ],
    [
      'within a range that went in parts',
      { committed: { offset: 50, metadata: '{"raw":39,"split":59}' } },
      { next: 50, raw: 39, intent: undefined, split: 59 },
    ],
    ['with the range that a predecessor began', { committed: withIntent }, { next: 40, raw: 30, intent }],
    [
      'after the stored rows when the group has lost its position',
      { stored: { offset: 59, raw: 44 } },
      { next: 60, raw: 44, intent: undefined, isFromRows: true },
    ],
    [
      'where an operator put it, passing over what is stored',
      { committed: { offset: 10, metadata: '' }, stored: { offset: 59, raw: 44 } },
      { next: 10, raw: 44, isFromRows: true },
    ],
    [
      'after what retention took, when told to skip it',
      { committed: { offset: 50, metadata: '{"raw":39}' }, low: 60, lostRecords: 'skip' as const },
      { next: 60, raw: 39, intent: undefined, lost: { from: 50, to: 60 } },
    ],
    [
      'after the whole of a range that retention cut into',
      { committed: withIntent, low: 45, lostRecords: 'skip' as const },
      { next: 50, raw: 30, intent: undefined, lost: { from: 40, to: 50 } },
    ],
  ])('%s', async (_title, given, place) => {
    expect(await startAt(given)).toMatchObject(place)
  })

  it.each([
    [
      'retention took records',
      { committed: { offset: 50, metadata: '{"raw":39}' }, low: 60 },
      'RECORDS_LOST',
    ],
    ['retention cut into a range', { committed: withIntent, low: 45 }, 'RECORDS_LOST'],
    [
      'the log ends before the position',
      { committed: { offset: 50, metadata: '{"raw":39}' }, high: 20 },
      'LOG_ENDS_BEFORE_POSITION',
    ],
    ['the log ends within the range', { committed: withIntent, high: 45 }, 'LOG_ENDS_BEFORE_POSITION'],
    ['the log ends before the stored rows', { stored: { offset: 200, raw: 5 } }, 'LOG_ENDS_BEFORE_POSITION'],
    [
      'the metadata is of somebody else',
      { committed: { offset: 1, metadata: 'v2' } },
      'METADATA_NOT_UNDERSTOOD',
    ],
  ])('not at all when %s', async (_title, given, code) => {
    await expect(startAt(given)).rejects.toMatchObject({ code, retriable: false })
  })
})
