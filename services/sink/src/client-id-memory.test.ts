import type { EnrichedEvent } from '@millrace/events'
import { anEnrichedEvent } from '@millrace/events/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clientMarkOf, fingerprintOf } from './client-event.ts'
import { ClientIdMemory, stepSecondsOf } from './client-id-memory.ts'

const windowS = 3600
const noon = Date.UTC(2026, 10, 21, 12) / 1000
const userId = '00000000000000a1'

function aMemory(changes: { idsMax?: number; windowS?: number } = {}): ClientIdMemory {
  return new ClientIdMemory({ windowS, idsMax: 1000, knownFrom: noon - 10 * windowS, ...changes })
}

/** @param second from noon, when it was received */
function sentAt(second: number, changes: Partial<EnrichedEvent> = {}): EnrichedEvent {
  return anEnrichedEvent({ userId, clientEventId: 'key', receivedAt: (noon + second) * 1000, ...changes })
}

function mustRecall(memory: ClientIdMemory, event: EnrichedEvent): boolean {
  return memory.mustRecall(clientMarkOf(event))
}

function remember(memory: ClientIdMemory, second: number, clientEventId = 'key'): void {
  memory.add(fingerprintOf({ site: 'example.com', userId, clientEventId }), noon + second)
}

describe('an event', () => {
  it('that was never seen is no repeat without asking', () => {
    const memory = aMemory()
    remember(memory, 0)
    expect(mustRecall(memory, sentAt(1, { clientEventId: 'other' }))).toBe(false)
    expect(mustRecall(memory, sentAt(1, { userId: '00000000000000a2' }))).toBe(false)
    expect(mustRecall(memory, sentAt(1, { site: 'other.com' }))).toBe(false)
  })

  it.each([
    ['after it', sentAt(3600)],
    ['before it', sentAt(-3600)],
    ['after midnight', sentAt(1, { userId: '00000000000000b1', previousUserId: userId })],
  ])('that may repeat another is looked up: %s', (_title, event) => {
    const memory = aMemory()
    remember(memory, 0)
    expect(mustRecall(memory, event)).toBe(true)
  })

  it('far outside the window of another is not looked up', () => {
    const memory = aMemory()
    remember(memory, 0)
    expect(mustRecall(memory, sentAt(3600 + stepSecondsOf(windowS)))).toBe(false)
  })

  it('that could repeat what is forgotten is looked up', () => {
    const memory = aMemory()
    memory.forget(noon)
    expect(mustRecall(memory, sentAt(3599))).toBe(true)
    expect(mustRecall(memory, sentAt(3600))).toBe(false)
  })
})

describe('memory', () => {
  it('frees what was received before the time it forgets up to, by the step', () => {
    const memory = aMemory()
    for (let minute = 0; minute < 120; minute++) remember(memory, minute * 60, `key ${minute}`)
    memory.forget(noon + 60 * 60 + 1)
    expect(memory.size).toBe(60)
    expect(memory.knownFrom).toBe(noon + 3600)
  })

  it('stays within its limit by forgetting the oldest step', () => {
    const memory = aMemory({ idsMax: 50 })
    for (let minute = 0; minute < 120; minute++) remember(memory, minute * 60, `key ${minute}`)
    memory.forget(noon)
    expect(memory.size).toBe(30)
    expect(memory.knownFrom).toBe(noon + 90 * 60)
  })

  it('stays within its limit when all come at the same time, and then knows nothing of that time', () => {
    const memory = aMemory({ idsMax: 50 })
    for (let index = 0; index < 120; index++) remember(memory, 0, `key ${index}`)
    memory.forget(noon)
    expect(memory.size).toBe(0)
    expect(mustRecall(memory, sentAt(0))).toBe(true)
  })

  it('keeps to a few steps when clocks are wrong in many ways', () => {
    const memory = aMemory()
    for (let day = 0; day < 999; day++) remember(memory, day * 86_400, `key ${day}`)
    memory.forget(noon)
    expect(memory.size).toBe(999)
    for (let day = 999; day < 3000; day++) remember(memory, day * 86_400, `key ${day}`)
    memory.forget(noon)
    expect(memory.size).toBeLessThanOrEqual(1000)
  })

  it('does not trust the oldest step of a restored memory that was cut off at its limit', () => {
    const [older, newer] = [0, 1].map((index) => Math.floor(noon / stepSecondsOf(windowS)) + index)
    const memory = aMemory({ idsMax: 3 })
    memory.restore([
      { step: newer!, fingerprints: [1, 2] },
      { step: older!, fingerprints: [3] },
    ])
    expect(memory.size).toBe(2)
    expect(memory.knownFrom).toBe(newer! * stepSecondsOf(windowS))
  })
})

const anyEvent = fc.record({
  clientEventId: fc.constantFrom('a', 'b', 'c'),
  user: fc.integer({ min: 0, max: 2 }),
  isUnderYesterdaysId: fc.boolean(),
  step: fc.constantFrom(0, 1, 10, 60),
  offset: fc.constantFrom(0, 0, 0, -5, -200, -100_000, 500, 100_000),
  forgets: fc.boolean(),
})

it('never takes a repeat for none, whatever it forgets', () => {
  fc.assert(
    fc.property(
      fc.array(anyEvent, { maxLength: 80, size: 'max' }),
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 20 }),
      (events, window, idsMax) => {
        const memory = aMemory({ windowS: window, idsMax })
        const stored: { event: EnrichedEvent; user: string }[] = []
        let clock = 0
        for (const { clientEventId, user, isUnderYesterdaysId, step, offset, forgets } of events) {
          clock += step
          const ids = [0, 1].map((day) => (user + day).toString(16).padStart(16, '0'))
          const [previousUserId, today] = [ids[0]!, ids[1]!]
          const event = sentAt(clock + offset, { clientEventId, userId: today, previousUserId })
          const isRepeat = stored.some((other) => {
            const isSame = other.event.clientEventId === clientEventId && ids.includes(other.user)
            return isSame && Math.abs(other.event.receivedAt - event.receivedAt) <= window * 1000
          })
          if (isRepeat) expect(mustRecall(memory, event)).toBe(true)
          const rowUser = isUnderYesterdaysId ? previousUserId : today
          stored.push({ event, user: rowUser })
          memory.add(
            fingerprintOf({ site: event.site, userId: rowUser, clientEventId }),
            noon + clock + offset,
          )
          if (forgets) memory.forget(noon + clock - window - 60)
        }
      },
    ),
    { numRuns: 1000 },
  )
})
