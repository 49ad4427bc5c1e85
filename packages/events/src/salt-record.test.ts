import { describe, expect, it } from 'vitest'
import { dayOf, decodeSaltRecord, encodeSaltRecord, saltForgottenAt, saltRecordStart } from './salt-record.ts'
import { UndecodableRecordError } from './undecodable-record-error.ts'

const salt = { day: '2026-11-21', bytes: Buffer.alloc(16, 7), isAgreed: false }

describe('a salt record', () => {
  it.each([salt, { ...salt, isAgreed: true }])('is read as it was written (agreed: $isAgreed)', (written) => {
    const record = encodeSaltRecord(written)
    expect(decodeSaltRecord(record)).toEqual(written)
    expect(record.subarray(0, saltRecordStart(written.day).length)).toEqual(saltRecordStart(written.day))
  })

  it.each([
    'garbage',
    '{"day":"2026-11-21","salt":"c2hvcnQ="}',
    '{"day":"2026-02-30","salt":"BwcHBwcHBwcHBwcHBwcHBw=="}',
    '{"day":"2026-11-21"}',
  ])('is not %s', (text) => {
    expect(decodeSaltRecord(Buffer.from(text))).toBeInstanceOf(UndecodableRecordError)
  })
})

describe('saltForgottenAt', () => {
  it.each([
    // On its day, at any time: two days after the day began.
    ['2026-11-21T00:00:00.000Z', '2026-11-23T00:00:00.000Z'],
    ['2026-11-21T00:00:59.000Z', '2026-11-23T00:00:00.000Z'],
    ['2026-11-21T15:00:00.000Z', '2026-11-23T00:00:00.000Z'],
    ['2026-11-21T23:59:59.999Z', '2026-11-23T00:00:00.000Z'],
    // Ahead, and not appended again on its day: 48 hours after its record.
    ['2026-11-20T23:50:00.000Z', '2026-11-22T23:50:00.000Z'],
    ['2026-11-01T12:00:00.000Z', '2026-11-03T12:00:00.000Z'],
    // Late: 48 hours after its record.
    ['2026-11-22T00:00:00.000Z', '2026-11-24T00:00:00.000Z'],
    ['2029-03-01T08:00:00.000Z', '2029-03-03T08:00:00.000Z'],
  ])('of 2026-11-21, appended at %s, is %s', (appendedAt, forgottenAt) => {
    expect(new Date(saltForgottenAt('2026-11-21', Date.parse(appendedAt))).toISOString()).toBe(forgottenAt)
  })

  it('is never later than the retention of its record', () => {
    for (let hours = -100; hours < 200; hours++) {
      const appendedAt = Date.UTC(2026, 10, 21) + hours * 3_600_000
      expect(saltForgottenAt('2026-11-21', appendedAt)).toBeLessThanOrEqual(appendedAt + 48 * 3_600_000)
    }
  })
})

describe('dayOf', () => {
  it('is the day in UTC', () => {
    expect(dayOf(Date.UTC(2026, 10, 21))).toBe('2026-11-21')
    expect(dayOf(Date.UTC(2026, 10, 21) - 1)).toBe('2026-11-20')
  })
})
