import { describe, expect, it } from 'vitest'
import { decodeRawEvent, encodeRawEvent } from './raw-event.ts'
import { aRawEvent } from './testing.ts'
import { UndecodableRecordError } from './undecodable-record-error.ts'

describe('a raw event', () => {
  it.each([0, Date.UTC(2026, 10, 21), Date.UTC(9999, 11, 31, 23, 59, 59, 999)])(
    'is read as it was written (received at %i)',
    (receivedAt) => {
      const event = aRawEvent({ receivedAt })
      expect(decodeRawEvent(encodeRawEvent(event))).toEqual(event)
    },
  )

  it.each([-1, Date.UTC(10_000, 0, 1), 1e300])('has no day when it was received at %d', (receivedAt) => {
    const record = encodeRawEvent(aRawEvent({ receivedAt }))
    expect(() => decodeRawEvent(record)).toThrow(UndecodableRecordError)
  })
})
