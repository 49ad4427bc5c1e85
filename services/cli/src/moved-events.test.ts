import { encodeRawEvent, topics } from '@millrace/events'
import { aRawEvent } from '@millrace/events/testing'
import { describe, expect, it } from 'vitest'
import { movedEvents } from './moved-events.ts'

const noon = Date.UTC(2026, 10, 21, 12)

describe('moved events', () => {
  it('give the books their new places, and count no event more', () => {
    const records = ['a.example', 'b.example'].map((site, index) => {
      const raw = aRawEvent({ site, receivedAt: noon + index * 60_000 + 999 })
      return { topic: topics.raw, partition: 3, key: null, value: encodeRawEvent(raw) }
    })
    const positions = [70, 71].map((offset) => ({ partition: 3, offset }))
    const row = { counterId: 'requeue-1', kafkaPartition: 3, accepted: 0, countedAt: 1_800_000_000 }
    expect(movedEvents(records, positions, { counterId: 'requeue-1', now: 1_800_000_000.7 })).toEqual([
      { ...row, page: 0, site: 'a.example', minute: noon / 1000, lastRawOffset: 70 },
      { ...row, page: 1, site: 'b.example', minute: noon / 1000 + 60, lastRawOffset: 71 },
    ])
  })
})
