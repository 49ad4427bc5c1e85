import { describe, expect, it } from 'vitest'
import { readReceivedAt } from './received-at.ts'

const now = Date.UTC(2026, 10, 21, 12)
const at = Date.UTC(2026, 7, 9, 10, 11, 12, 345)

describe('readReceivedAt', () => {
  it.each([
    ['ISO 8601 in UTC', '2026-08-09T10:11:12.345Z', at],
    ['ISO 8601 with another zone', '2026-08-09T12:11:12.345+02:00', at],
    ['more digits than milliseconds', '2026-08-09T10:11:12.345678Z', at],
    ['seconds', at / 1000 - 0.345, at - 345],
    ['seconds with a fraction', 1_786_270_272.345, at],
    ['seconds as text', '1786270272.345', at],
    ['milliseconds', at, at],
    ['milliseconds as text', String(at), at],
    ['a clock that is a little ahead', now + 60_000, now + 60_000],
    ['the first second of 2000', 946_684_800, 946_684_800_000],
  ])('reads %s', (_, given, expected) => {
    expect(readReceivedAt(given, now)).toEqual({ at: expected })
  })

  it.each([
    ['nothing', undefined, /expected/],
    ['no time', 'yesterday', /expected/],
    ['a time without its zone', '2026-08-09T10:11:12', /zone/],
    ['a day that does not exist', '2026-02-30T00:00:00Z', /expected/],
    ['microseconds', at * 1000, /expected/],
    ['a number that is neither seconds nor milliseconds', 20_260_809, /expected/],
    ['no number', Number.NaN, /expected/],
    ['an object', {}, /expected/],
    ['a time before 2000', '1999-12-31T23:59:59Z', /before the year 2000/],
    ['the future', now + 600_000, /in the future/],
  ])('refuses %s', (_, given, problem) => {
    expect(readReceivedAt(given, now)).toEqual({ problem: expect.stringMatching(problem) as string })
  })
})
