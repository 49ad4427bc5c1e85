import type { EnrichedEvent } from '@millrace/events'
import { anEnrichedEvent } from '@millrace/events/testing'
import { expect, it } from 'vitest'
import { PartitionRepeats, type RangeQuestions } from './partition-repeats.ts'
import type { RepeatHistory } from './repeat-recovery.ts'
import { silentEvents } from './testing.ts'

const noon = Date.UTC(2026, 10, 21, 12)
const questions: RangeQuestions = { rows: { partition: 3, below: 100 }, ask: (question) => question() }

function repeatsThatAsk({ windowS = 3600 } = {}) {
  const asked: string[] = []
  const history: RepeatHistory = {
    fingerprints: (_rows, { from }) => {
      asked.push(`fingerprints since ${(from - noon / 1000) / 60} minutes`)
      return Promise.resolve([])
    },
    clientEvents: (_rows, { events }) => {
      asked.push(events.map(({ clientEventId }) => clientEventId).join())
      return Promise.resolve([])
    },
  }
  const repeats = new PartitionRepeats({
    history,
    limits: { windowS, idsMax: 100 },
    internalEvents: silentEvents(),
    now: () => 0,
    wallClock: () => noon,
  })
  /** Stores a range; those of its events that were found to be repeats. */
  const range = async (events: readonly EnrichedEvent[]): Promise<string[]> => {
    const found: string[] = []
    const ofRange = await repeats.ofRange(events, questions)
    for (const event of events) {
      if (ofRange?.isRepeat(event) === true) found.push(event.clientEventId)
      else if (event.clientEventId !== '') ofRange?.store(event, event.userId)
    }
    if (ofRange !== undefined) repeats.advance(3, ofRange)
    return found
  }
  return { asked, range }
}

const sent = (clientEventId: string, second = 0): EnrichedEvent =>
  anEnrichedEvent({ clientEventId, receivedAt: noon + second * 1000 })

it('asks nothing as long as no event has a client event id', async () => {
  const { asked, range } = repeatsThatAsk()
  await range([sent(''), sent('')])
  expect(asked).toEqual([])
})

it('asks nothing at all with a window of 0', async () => {
  const { asked, range } = repeatsThatAsk({ windowS: 0 })
  expect(await range([sent('a'), sent('a')])).toEqual([])
  expect(asked).toEqual([])
})

it('asks once for what is stored within the window, and then only for what may be a repeat', async () => {
  const { asked, range } = repeatsThatAsk()
  expect(await range([sent('a'), sent('b'), sent('a')])).toEqual(['a'])
  await range([sent('c')])
  expect(asked).toEqual(['fingerprints since -90 minutes'])
  await range([sent('d'), sent('b', 60), sent('')])
  expect(asked.slice(1)).toEqual(['b'])
})

it('asks for what comes so late that it is forgotten', async () => {
  const { asked, range } = repeatsThatAsk()
  await range([sent('a')])
  await range([sent('late', -1801), sent('b')])
  expect(asked.slice(1)).toEqual(['late'])
})

it('lets a wrong clock of a producer cost no memory of the present', async () => {
  const { asked, range } = repeatsThatAsk()
  await range([sent('a'), sent('b', 86_400 * 365)])
  await range([sent('c')])
  expect(asked.slice(1)).toEqual([])
})

it('reaches back for a first range that waited long, up to a window more', async () => {
  for (const [second, since] of [
    [-1800, -120],
    [-90_000, -150],
  ] as const) {
    const { asked, range } = repeatsThatAsk()
    await range([sent('a', second), sent('b')])
    expect(asked[0]).toBe(`fingerprints since ${since} minutes`)
  }
})
