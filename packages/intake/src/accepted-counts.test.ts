import { decodeTally, topics, type Tally } from '@millrace/events'
import { aRawEvent } from '@millrace/events/testing'
import { describe, expect, it } from 'vitest'
import { AcceptedCounts, type TakenCounts } from './accepted-counts.ts'

const noon = Date.UTC(2026, 10, 21, 12)
const minute = noon / 1000

function tallies({ records }: TakenCounts): Tally[] {
  return records.map(({ value }) => decodeTally(value))
}

describe('accepted counts', () => {
  it('are kept by site, minute of receipt and partition, with the greatest offset', () => {
    const counts = new AcceptedCounts({ counterId: 'p' })
    counts.add({ site: 'a', receivedAt: noon }, { partition: 1, offset: 7 })
    counts.add({ site: 'a', receivedAt: noon + 59_999 }, { partition: 1, offset: 5 })
    counts.add({ site: 'a', receivedAt: noon + 60_000 }, { partition: 1, offset: 8 })
    counts.add({ site: 'a', receivedAt: noon }, { partition: 0, offset: 3 })
    counts.add({ site: 'b', receivedAt: noon }, { partition: 1, offset: 9 })
    const taken = counts.take()
    expect(taken.records).toMatchObject([{ topic: topics.books, partition: 0, key: null }])
    expect(tallies(taken)).toEqual([
      {
        counterId: 'p',
        counts: [
          [0, 'a', minute, 1, 2, 7],
          [0, 'a', minute + 60, 1, 1, 8],
          [0, 'a', minute, 0, 1, 3],
          [0, 'b', minute, 1, 1, 9],
        ],
      },
    ])
  })

  it('give what changed as totals, so that a record that comes twice changes nothing', () => {
    const counts = new AcceptedCounts({ counterId: 'p' })
    counts.add({ site: 'a', receivedAt: noon }, { partition: 0, offset: 1 })
    counts.add({ site: 'b', receivedAt: noon }, { partition: 0, offset: 2 })
    counts.take()
    expect(counts.take().records).toEqual([])
    counts.add({ site: 'a', receivedAt: noon }, { partition: 0, offset: 3 })
    expect(tallies(counts.take())).toMatchObject([{ counts: [[0, 'a', minute, 0, 2, 3]] }])
  })

  it('that could not be appended are given again, with what came since', () => {
    const counts = new AcceptedCounts({ counterId: 'p' })
    counts.add({ site: 'a', receivedAt: noon }, { partition: 0, offset: 1 })
    const failed = counts.take()
    counts.add({ site: 'a', receivedAt: noon }, { partition: 0, offset: 2 })
    counts.add({ site: 'b', receivedAt: noon }, { partition: 0, offset: 3 })
    failed.putBack()
    expect(tallies(counts.take()).flatMap((tally) => tally.counts)).toEqual([
      [0, 'a', minute, 0, 2, 2],
      [0, 'b', minute, 0, 1, 3],
    ])
  })

  it('begin a new page at zero, and keep what was not taken of the old one apart', () => {
    const counts = new AcceptedCounts({ counterId: 'p' })
    counts.add({ site: 'a', receivedAt: noon }, { partition: 0, offset: 1 })
    counts.turnPage()
    expect(counts.size).toBe(0)
    counts.add({ site: 'a', receivedAt: noon }, { partition: 0, offset: 2 })
    expect(tallies(counts.take())).toEqual([
      {
        counterId: 'p',
        counts: [
          [0, 'a', minute, 0, 1, 1],
          [1, 'a', minute, 0, 1, 2],
        ],
      },
    ])
  })

  it('come out the same for work that is done again on its page', () => {
    const counts = new AcceptedCounts({ counterId: 'import-1' })
    const step = () => {
      counts.turnPage(4)
      counts.add({ site: 'a', receivedAt: noon }, { partition: 0, offset: 1 })
      return counts.take().records
    }
    expect(step()).toEqual(step())
  })

  it('count an event once on a page of its own, whoever comes across it again', () => {
    const raw = aRawEvent({ site: 'a', receivedAt: noon, producerId: 'old', producerSequence: 7 })
    const [first, second] = [1, 9].map((offset) => {
      const counts = new AcceptedCounts({ counterId: `run-${String(offset)}` })
      counts.add({ site: 'a', receivedAt: noon }, { partition: 3, offset: 0 })
      counts.addOnce(raw, { partition: 3, offset })
      return tallies(counts.take())
    })
    expect(first).toEqual([
      { counterId: 'run-1', counts: [[0, 'a', minute, 3, 1, 0]] },
      { counterId: 'once-old', counts: [[7, 'a', minute, 3, 1, 1]] },
    ])
    expect(second?.[1]).toEqual({ counterId: 'once-old', counts: [[7, 'a', minute, 3, 1, 9]] })
  })

  it('stay below their limit, and tell how many events had no room', () => {
    const counts = new AcceptedCounts({ counterId: 'p', totalsMax: 2 })
    for (const site of ['a', 'b', 'c', 'c', 'a'])
      counts.add({ site, receivedAt: noon }, { partition: 0, offset: 1 })
    expect([counts.size, counts.uncounted]).toEqual([2, 2])
    expect(tallies(counts.take())[0]?.counts.map(([, site, , , accepted]) => [site, accepted])).toEqual([
      ['a', 2],
      ['b', 1],
    ])
    counts.turnPage()
    counts.add({ site: 'c', receivedAt: noon }, { partition: 0, offset: 2 })
    expect([counts.size, counts.uncounted]).toEqual([1, 2])
    for (const producerSequence of [1, 2])
      counts.addOnce(aRawEvent({ producerSequence }), { partition: 0, offset: 3 })
    expect(counts.uncounted).toBe(3)
  })

  it.each([
    ['many sites', (index: number) => `site-${String(index)}`],
    ['long sites that must be escaped', (index: number) => String(index).padStart(255, '\u0001')],
  ])('of %s go in records that the log takes, none left out', (_case, siteOf) => {
    const counts = new AcceptedCounts({ counterId: 'p' })
    const sites = Array.from({ length: 2_500 }, (_, index) => siteOf(index))
    for (const site of sites) counts.add({ site, receivedAt: noon }, { partition: 0, offset: 1 })
    const taken = counts.take()
    expect(taken.records.length).toBeGreaterThanOrEqual(5)
    for (const { value } of taken.records) expect(value.length).toBeLessThan(900_000)
    expect(tallies(taken).flatMap((tally) => tally.counts.map(([, site]) => site))).toEqual(sites)
  })
})
