import type { Books } from '@millrace/clickhouse'
import { describe, expect, it } from 'vitest'
import { describeBooks } from './books-report.ts'

const minute = Date.UTC(2026, 10, 21, 14, 3) / 1000
const even: Books = { sites: 2, lines: 7, accepted: 40, inFlight: 0, missing: 0, surplus: 0, losses: [] }
const lossesOf = (number: number) =>
  Array.from({ length: number }, (_, index) => ({
    site: `site-${index}.example`,
    minute: minute + index * 60,
    missing: 1,
  }))

describe('the report on the books', () => {
  it.each<[string, { books: Books; stuck?: number }, { ok: boolean; detail: string }]>([
    [
      'says what balances',
      { books: even },
      { ok: true, detail: '7 minutes of 2 sites balance, 40 events accepted' },
    ],
    [
      'counts one as one',
      { books: { ...even, sites: 1, lines: 1, accepted: 1 } },
      { ok: true, detail: '1 minute of 1 site balance, 1 event accepted' },
    ],
    [
      'tells what is under way and what was not counted',
      { books: { ...even, inFlight: 3, surplus: 2 } },
      {
        ok: true,
        detail: '7 minutes of 2 sites balance, 40 events accepted, 3 in flight, 2 stored that nobody counted',
      },
    ],
    [
      'names site and minute of what is missing',
      { books: { ...even, missing: 1, losses: lossesOf(1) } },
      {
        ok: false,
        detail: '1 of 40 accepted events are missing: 1 of site-0.example at 2026-11-21T14:03Z',
      },
    ],
    [
      'names the oldest of many',
      { books: { ...even, missing: 9, losses: lossesOf(9), inFlight: 1 } },
      {
        ok: false,
        detail:
          '9 of 40 accepted events are missing: ' +
          '1 of site-0.example at 2026-11-21T14:03Z; 1 of site-1.example at 2026-11-21T14:04Z; ' +
          '1 of site-2.example at 2026-11-21T14:05Z; 1 of site-3.example at 2026-11-21T14:06Z; ' +
          '1 of site-4.example at 2026-11-21T14:07Z; 4 minutes more, 1 in flight',
      },
    ],
    [
      'tells what nothing can bring any more',
      { books: { ...even, inFlight: 5 }, stuck: 2 },
      { ok: false, detail: '2 did not arrive, though no consumer is behind, 3 in flight' },
    ],
  ])('%s', (_case, { books, stuck = 0 }, expected) => {
    expect(describeBooks(books, stuck)).toEqual(expected)
  })
})
