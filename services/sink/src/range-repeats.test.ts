import type { EnrichedEvent } from '@millrace/events'
import { anEnrichedEvent } from '@millrace/events/testing'
import { describe, expect, it } from 'vitest'
import { clientMarkOf } from './client-event.ts'
import { RangeRepeats } from './range-repeats.ts'

const windowS = 3600
const noon = Date.UTC(2026, 10, 21, 12)
const ann = { userId: '00000000000000a1', previousUserId: '00000000000000a0' }

/** @param second from noon, when it was received */
function sentAt(second: number, changes: Partial<EnrichedEvent> = {}): EnrichedEvent {
  return anEnrichedEvent({ ...ann, clientEventId: 'key', receivedAt: noon + second * 1000, ...changes })
}

describe('an event', () => {
  it.each<[string, EnrichedEvent, boolean]>([
    ['repeats one with its id, site and visitor', sentAt(0), true],
    ['repeats it at the end of the window', sentAt(3600), true],
    ['repeats it within the last second of the window', sentAt(3600.999), true],
    ['does not repeat it after the window', sentAt(3601), false],
    ['repeats it though another clock received it before', sentAt(-3600), true],
    ['does not repeat it before the window', sentAt(-3601), false],
    ['of another name is a repeat: the client named it the same', sentAt(1, { name: 'Purchase' }), true],
    ['with another id is none', sentAt(1, { clientEventId: 'key#1' }), false],
    ['of another visitor is none', sentAt(1, { userId: '00000000000000a9', previousUserId: 'f' }), false],
    ['of another site is none', sentAt(1, { site: 'other.com' }), false],
    ['after midnight repeats one before', sentAt(1, { userId: 'new', previousUserId: ann.userId }), true],
  ])('%s', (_title, event, isRepeat) => {
    const repeats = new RangeRepeats({ windowS })
    repeats.store(sentAt(0), ann.userId)
    expect(repeats.isRepeat(event)).toBe(isRepeat)
    const recalled = new RangeRepeats({ windowS })
    recalled.recall([{ ...sentAt(0), ...ann, receivedAt: noon / 1000 }])
    expect(recalled.isRepeat(event)).toBe(isRepeat)
  })

  it("repeats one whose row carries yesterday's id", () => {
    const repeats = new RangeRepeats({ windowS })
    repeats.store(sentAt(0), ann.previousUserId)
    expect(repeats.isRepeat(sentAt(1))).toBe(true)
  })

  it('is no repeat of what was only looked at', () => {
    const repeats = new RangeRepeats({ windowS })
    expect(repeats.isRepeat(sentAt(0))).toBe(false)
    expect(repeats.isRepeat(sentAt(1))).toBe(false)
  })

  it('repeats any of those that were stored one window after the other', () => {
    const repeats = new RangeRepeats({ windowS })
    for (const second of [0, 4000, 8000]) repeats.store(sentAt(second), ann.userId)
    expect(repeats.isRepeat(sentAt(-10))).toBe(true)
    expect(repeats.isRepeat(sentAt(6000))).toBe(true)
    expect(repeats.isRepeat(sentAt(11_601))).toBe(false)
  })

  it('is told by an id as the table keeps it', () => {
    const repeats = new RangeRepeats({ windowS })
    repeats.recall([
      { site: 'example.com', userId: ann.userId, clientEventId: 'a\ufffd', receivedAt: noon / 1000 },
    ])
    expect(repeats.isRepeat(sentAt(0, { clientEventId: 'a\ud800' }))).toBe(true)
    expect(repeats.isRepeat(sentAt(0, { clientEventId: 'a\ud83d\ude00' }))).toBe(false)
  })

  it.each([
    ['ids', (number: number) => sentAt(0, { clientEventId: `key ${number}` })],
    ['sites', (number: number) => sentAt(0, { site: `${number}.com` })],
    ['visitors', (number: number) => sentAt(0, { userId: number.toString(16).padStart(16, '0') })],
  ])('is told from another whose fingerprint is the same: by their %s', (_title, eventOf) => {
    const [one, other] = withOneFingerprint(eventOf)
    const repeats = new RangeRepeats({ windowS })
    repeats.store(one, one.userId)
    expect(repeats.isRepeat(other)).toBe(false)
    repeats.store(other, other.userId)
    expect(repeats.isRepeat(one)).toBe(true)
    expect(repeats.isRepeat(other)).toBe(true)
  })
})

/** Of 300,000 hashes of 32 bits about ten pairs are the same. */
function withOneFingerprint(eventOf: (number: number) => EnrichedEvent): [EnrichedEvent, EnrichedEvent] {
  const numbers = new Map<number, number>()
  for (let number = 0; number < 300_000; number++) {
    const fingerprint = clientMarkOf(eventOf(number)).today
    const other = numbers.get(fingerprint)
    if (other !== undefined) return [eventOf(other), eventOf(number)]
    numbers.set(fingerprint, number)
  }
  throw new Error('no two have one fingerprint')
}
