import { describe, expect, it } from 'vitest'
import { byMonth, collectInsertBatch, nextDueAt, refetchInsertBatch } from './insert-batch.ts'
import { ItemList } from './range-items.ts'
import { FakePartition } from './testing.ts'

const offsets = () => new ItemList(({ offset }) => ({ offset }))
const offsetsOf = (items: ReturnType<typeof offsets> | undefined) => items?.all.map(({ offset }) => offset)
const wide = { rowsMax: 1000, bytesMax: 1_000_000, ageMsMax: 1000 }

function aPartition(records: number, fetchSize: number): FakePartition {
  const partition = new FakePartition(Array.from({ length: records }, () => Buffer.alloc(100)))
  partition.nextFetchSize = () => fetchSize
  return partition
}

describe('an insert batch', () => {
  it.each([
    { title: 'is cut at its rows', limits: { ...wide, rowsMax: 25 }, fetchSize: 10, last: 24 },
    {
      title: 'is cut after the fetch that reaches its bytes',
      limits: { ...wide, bytesMax: 1500 },
      fetchSize: 10,
      last: 19,
    },
    { title: 'takes what there is when no more comes', limits: wide, fetchSize: 10, last: 99 },
  ])('$title', async ({ limits, fetchSize, last }) => {
    const options = { items: offsets(), limits, now: () => 0, dueAt: 1000 }
    const batch = await collectInsertBatch(aPartition(100, fetchSize).assign(), options)
    expect(batch).toMatchObject({ first: 0, last })
    expect(offsetsOf(batch?.items)).toEqual(Array.from({ length: last + 1 }, (_, offset) => offset))
  })

  it.each([
    { title: 'when it is due', dueAt: 30, high: 0, last: 2 },
    { title: 'at once after a pause', dueAt: -Infinity, high: 0, last: 0 },
    { title: 'not before it holds what was in the log', dueAt: -Infinity, high: 20, last: 19 },
  ])('is cut at its age: $title', async ({ dueAt, high, last }) => {
    let time = 0
    const now = () => (time += 10)
    const assignment = { ...aPartition(100, 1).assign(), highWatermark: () => high }
    const batch = await collectInsertBatch(assignment, { items: offsets(), limits: wide, now, dueAt })
    expect(batch).toMatchObject({ first: 0, last })
  })

  it.each([
    { storedAt: 5_000, next: 6_000, title: 'its age after the last one' },
    { storedAt: 5_300, next: 6_000, title: 'the same, while storing takes no third of it' },
    { storedAt: 5_400, next: 6_200, title: 'twice as long as storing took after that' },
    { storedAt: 65_000, next: 66_000, title: 'its age after it was stored, at most' },
  ])('is due $title: cut at 5 s, stored at $storedAt ms', ({ storedAt, next }) => {
    expect(nextDueAt({ cutAt: 5_000, storedAt }, { ageMsMax: 1_000 })).toBe(next)
  })

  it('is none when no record comes', async () => {
    const options = { items: offsets(), limits: wide, now: () => 0, dueAt: 1000 }
    expect(await collectInsertBatch(aPartition(0, 1).assign(), options)).toBeUndefined()
  })
})

describe('a range that is fetched again', () => {
  it('holds exactly its records, however many fetches they come in', async () => {
    const assignment = aPartition(100, 7).assign()
    const batch = await refetchInsertBatch(
      assignment,
      { first: 20, last: 60 },
      { items: offsets(), limits: wide },
    )
    expect(offsetsOf(batch?.items)).toEqual(Array.from({ length: 41 }, (_, index) => 20 + index))
    expect((await assignment.fetch({ recordsMax: 1, waitMsMax: 0 }))[0]?.offset).toBe(61)
  })

  it('is given up with the partition', async () => {
    const assignment = aPartition(100, 7).assign()
    assignment.revoke()
    expect(
      await refetchInsertBatch(assignment, { first: 0, last: 9 }, { items: offsets(), limits: wide }),
    ).toBeUndefined()
  })
})

describe('byMonth', () => {
  const time = (text: string) => ({ timestamp: Date.parse(text) / 1000 })

  it.each([
    ['one month', ['2026-11-01T00:00:00Z', '2026-11-30T23:59:59Z'], { '202611': 2 }],
    ['the turn of a month', ['2026-11-30T23:59:59Z', '2026-12-01T00:00:00Z'], { '202611': 1, '202612': 1 }],
    ['the turn of a year', ['2026-12-31T23:59:59Z', '2027-01-01T00:00:00Z'], { '202612': 1, '202701': 1 }],
    [
      'months that alternate',
      ['2026-11-30T00:00:00Z', '2026-10-01T00:00:00Z', '2026-11-01T00:00:00Z'],
      { '202611': 2, '202610': 1 },
    ],
    ['the first second there is', ['1970-01-01T00:00:00Z'], { '197001': 1 }],
  ])('parts %s', (_title, times, counts) => {
    const months = byMonth(times.map(time))
    expect(Object.fromEntries([...months].map(([month, rows]) => [month, rows.length]))).toEqual(counts)
  })
})
