import { describe, expect, it } from 'vitest'
import { readCreatedAt } from './created-at.ts'

const at = Date.UTC(2026, 10, 21, 12)

describe('readCreatedAt', () => {
  it.each<[unknown, number]>([
    ['2026-11-21T12:00:00Z', at],
    ['2026-11-21T12:00:00.250Z', at + 250],
    ['2026-11-21T13:30:00.250+01:30', at + 250],
    ['2026-11-21T11:00:00-0100', at],
    ['2026-11-21T12:00:00', at],
    ['2026-11-21T12:00', at],
    ['2026-11-21', Date.UTC(2026, 10, 21)],
    ['2026-11-21 13:00:00 +0100', at],
    ['2026-11-21 12:00:00 UTC', at],
    [at / 1000, at],
    [at / 1000 + 0.5, at + 500],
    [String(at / 1000), at],
    [at, at],
    [String(at), at],
  ])('reads %j', (given, expected) => {
    expect(readCreatedAt(given)).toBe(expected)
  })

  it.each([
    'yesterday',
    '',
    '2026-02-30',
    '2026-13-01',
    '2026-11-21T25:00:00Z',
    '1999-12-31T23:59:59Z',
    '2026-11-21T12:00:00Zx',
    20_261_121,
    at * 1000,
    Number.NaN,
    Infinity,
    -1,
    true,
    null,
    {},
  ])('finds no time in %j', (given) => {
    expect(readCreatedAt(given)).toBeUndefined()
  })
})
