import { encodeEnrichedRecord, type EnrichedEvent, type EnrichedRecord } from '@millrace/events'
import { anEnrichedEvent } from '@millrace/events/testing'
import { referenceSessions } from '@millrace/sessions/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EnrichedPartition } from './enriched-partition.ts'
import { runPartition } from './partition-loop.ts'
import { RangeInserter } from './range-inserter.ts'
import { Crash, FakeHistory, FakePartition, FakeStore, silentEvents, type Fault } from './testing.ts'

const gapS = 1800
/** Each fault ends one member at most. */
const membersMax = 100
const internalEvents = silentEvents()
/** Late on the last day of a month, so that logs cross into the next. */
const evening = Date.UTC(2026, 10, 30, 22) / 1000

/** Mostly a clock that goes on; some events late, some of another month, as an import brings them. */
const anyRecord = fc.record({
  kind: fc.constantFrom('event', 'event', 'event', 'event', 'event', 'event', 'drop', 'bytes'),
  user: fc.integer({ min: 0, max: 2 }),
  isNextDay: fc.boolean(),
  name: fc.constantFrom('pageview', 'pageview', 'engagement', 'Purchase'),
  step: fc.constantFrom<number[]>(0, 1, 60, 600, 900),
  offsetS: fc.oneof(
    { weight: 12, arbitrary: fc.constant(0) },
    { weight: 3, arbitrary: fc.integer({ min: -8000, max: 0 }) },
    { weight: 1, arbitrary: fc.constantFrom(-5_000_000, -2_000_000) },
  ),
  isPoison: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
})

type AnyRecord = typeof anyRecord extends fc.Arbitrary<infer T> ? T : never

const anyRun = fc.record({
  rowsMax: fc.integer({ min: 1, max: 40 }),
  latenessS: fc.constantFrom<number[]>(0, 600, 7200),
  sessionsMax: fc.constantFrom<number[]>(1, 3, 1000, 1000),
  fetchSize: fc.integer({ min: 1, max: 20 }),
})

const anyFault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 12, arbitrary: fc.constant('none') },
  {
    weight: 5,
    arbitrary: fc.constantFrom('crash before', 'crash after', 'fail before', 'fail after', 'late'),
  },
)

interface Scenario {
  readonly records: readonly AnyRecord[]
  /** The enricher crashed here and wrote this many records again. */
  readonly repeats: readonly { readonly at: number; readonly count: number }[]
  readonly runs: readonly (typeof anyRun extends fc.Arbitrary<infer T> ? T : never)[]
  readonly faults: readonly Fault[]
}

const anyScenario: fc.Arbitrary<Scenario> = fc.record({
  records: fc.array(anyRecord, { minLength: 1, maxLength: 60, size: 'max' }),
  repeats: fc.array(fc.record({ at: fc.nat(60), count: fc.integer({ min: 1, max: 15 }) }), { maxLength: 3 }),
  runs: fc.array(anyRun, { minLength: 1, maxLength: 6, size: 'max' }),
  faults: fc.array(anyFault, { maxLength: 60, size: 'max' }),
})

function rawRecords(records: readonly AnyRecord[]): (EnrichedRecord | undefined)[] {
  let clock = evening
  return records.map(({ kind, user, isNextDay, name, step, offsetS, isPoison }, rawOffset) => {
    clock += step
    if (kind === 'bytes') return undefined
    const ids = [`00000000000000a${user}`, `00000000000000b${user}`, `00000000000000c${user}`] as const
    const [userId, previousUserId] = isNextDay ? [ids[2], ids[1]] : [ids[1], ids[0]]
    const timestamp = clock + offsetS
    const { site, protocol, hostname, pathname } = anEnrichedEvent()
    if (kind === 'drop') {
      const drop = { site, protocol, hostname, pathname, userAgent: 'curl', reason: 'bot' as const }
      return { kind: 'drop', rawOffset, receivedAt: timestamp * 1000, ...drop }
    }
    // An engagement event without a session is dropped before it could be refused.
    const title = isPoison && name !== 'engagement' ? 'poison' : ''
    return anEnrichedEvent({
      rawOffset,
      timestamp,
      userId,
      previousUserId,
      name,
      title,
      source: `raw ${rawOffset}`,
    })
  })
}

/** The enriched partition: raw records in order, with ranges written twice. */
function enrichedLog({ records, repeats }: Scenario): (EnrichedRecord | undefined)[] {
  const raw = rawRecords(records)
  const log = [...raw]
  for (const { at, count } of repeats) {
    const end = Math.min(at, raw.length)
    const written = log.findLastIndex((record) => record === raw[end - 1] && record !== undefined)
    // Bytes that are no record carry no raw offset, so only the enricher's records come twice.
    const again = raw.slice(Math.max(0, end - count), end).filter((record) => record !== undefined)
    if (written >= 0) log.splice(written + 1, 0, ...again)
  }
  return log
}

/** What must be in the tables, by the rules: repeats out, poison rows out, sessions over the rest. */
function expectedRows(log: readonly (EnrichedRecord | undefined)[]) {
  let raw = -1
  const fresh = log.flatMap((record, offset): { record: EnrichedRecord | undefined; offset: number }[] => {
    if (record === undefined) return [{ record, offset }]
    if (record.rawOffset <= raw) return []
    raw = record.rawOffset
    return [{ record, offset }]
  })
  const events = fresh.flatMap(({ record, offset }) => {
    return record?.kind === 'event' && record.title !== 'poison' ? [{ event: record, offset }] : []
  })
  const sessions = referenceSessions(
    events.map(({ event }) => event),
    gapS,
  )
  const assigned = events.map(({ event, offset }, index) => ({ event, offset, session: sessions[index] }))
  return {
    events: assigned.flatMap(({ event, offset, session }) => {
      if (session === undefined) return []
      const { rawOffset, timestamp } = event
      return [
        {
          offset,
          rawOffset,
          timestamp,
          userId: session.userId,
          start: session.start,
          source: session.opener.source,
        },
      ]
    }),
    drops: [
      ...fresh.flatMap(({ record, offset }) => (record?.kind === 'drop' ? [offset] : [])),
      ...assigned.flatMap(({ offset, session }) => (session === undefined ? [offset] : [])),
    ].toSorted(byNumber),
    deadLetters: fresh.flatMap(({ record, offset }) => {
      if (record === undefined) return [offset]
      const isRefused = record.kind === 'event' && record.title === 'poison'
      return isRefused ? [offset] : []
    }),
  }
}

function storedRows({ events, drops, deadLetters }: FakeStore) {
  return {
    events: events
      .map(({ kafkaOffset, rawOffset, timestamp, userId, sessionStart, source }) => {
        return { offset: kafkaOffset, rawOffset, timestamp, userId, start: sessionStart, source }
      })
      .toSorted((a, b) => a.offset - b.offset),
    drops: drops.map(({ kafkaOffset }) => kafkaOffset).toSorted(byNumber),
    deadLetters: deadLetters.map(({ kafkaOffset }) => kafkaOffset).toSorted(byNumber),
  }
}

/** Shrinking ends well before the test would. */
const runs = { numRuns: 150, interruptAfterTimeLimit: 15_000 }
const byNumber = (a: number, b: number): number => a - b

/** Members come and go, each with limits of its own, until one has stored everything and given up in peace. */
async function simulate(scenario: Scenario): Promise<{ store: FakeStore; partition: FakePartition }> {
  const values = enrichedLog(scenario).map((record) =>
    record === undefined ? Buffer.from('{"kind":') : encodeEnrichedRecord(record),
  )
  const partition = new FakePartition(values)
  const store = new FakeStore()
  const faults = [...scenario.faults]
  let sinceLate = 0
  partition.nextFault = () => faults.shift() ?? 'none'
  store.nextFault = () => {
    if (++sinceLate > 2) store.settleLate()
    return faults.shift() ?? 'none'
  }
  store.isRefused = ({ title }) => title === 'poison'
  for (let member = 0; ; member++) {
    expect(member).toBeLessThan(membersMax)
    const run = scenario.runs[member % scenario.runs.length]!
    partition.nextFetchSize = () => run.fetchSize
    sinceLate = 0
    if (await runMember(partition, store, run)) break
  }
  store.settleLate()
  return { store, partition }
}

async function runMember(
  partition: FakePartition,
  store: FakeStore,
  { rowsMax, latenessS, sessionsMax }: Scenario['runs'][number],
): Promise<boolean> {
  const now = () => 0
  const common = { internalEvents, now, retryDelays: { delayMsMin: 0, delayMsMax: 0 } }
  const work = new EnrichedPartition({
    ...common,
    inserter: new RangeInserter({ ...common, store }),
    history: new FakeHistory(store),
    sessions: { inactivityGapS: gapS, latenessS, sessionsMax },
    wallClock: () => (evening + 10_000) * 1000,
  })
  const assignment = partition.assign()
  const limits = { rowsMax, bytesMax: 1_000_000, ageMsMax: 1000 }
  try {
    await runPartition(assignment, work, { ...common, limits, lostRecords: 'stop' })
  } catch (error) {
    if (error instanceof Crash) return false
    throw error
  }
  // A member whose partition was taken away in the middle of trouble has left a range to the next one.
  return partition.committed?.offset === partition.records.length
}

const withoutPoison = (scenario: Scenario): Scenario => ({
  ...scenario,
  records: scenario.records.map((record) => ({ ...record, isPoison: false })),
})
const withinOneMonth = (scenario: Scenario): Scenario => ({
  ...scenario,
  records: scenario.records.map((record) => ({
    ...record,
    step: record.step % 60,
    offsetS: record.offsetS % 7000,
  })),
})

describe('a partition that changes hands among failing members', () => {
  it('is stored exactly once, in the sessions of the rules', async () => {
    await fc.assert(
      fc.asyncProperty(anyScenario.map(withoutPoison), async (scenario) => {
        const { store } = await simulate(scenario)
        expect(storedRows(store)).toEqual(expectedRows(enrichedLog(scenario)))
      }),
      runs,
    )
  })

  it('keeps refused rows as dead letters and stores all others exactly once, in the sessions of the rules', async () => {
    await fc.assert(
      fc.asyncProperty(anyScenario.map(withinOneMonth), async (scenario) => {
        const { store } = await simulate(scenario)
        expect(storedRows(store)).toEqual(expectedRows(enrichedLog(scenario)))
      }),
      runs,
    )
  })

  it('stores each record once even where refused rows and a turn of the month meet', async () => {
    await fc.assert(
      fc.asyncProperty(anyScenario, async (scenario) => {
        const { store } = await simulate(scenario)
        const stored = storedRows(store)
        const expected = expectedRows(enrichedLog(scenario))
        const places = [...stored.events.map(({ offset }) => offset), ...stored.drops, ...stored.deadLetters]
        const expectedPlaces = [
          ...expected.events.map(({ offset }) => offset),
          ...expected.drops,
          ...expected.deadLetters,
        ]
        expect(places.toSorted(byNumber)).toEqual(expectedPlaces.toSorted(byNumber))
      }),
      runs,
    )
  })
})

describe('an event row', () => {
  it('carries the first touch of its session', async () => {
    const visit = { name: 'pageview', userId: '00000000000000a1', previousUserId: '00000000000000a1' }
    const log: EnrichedEvent[] = [
      anEnrichedEvent({ ...visit, rawOffset: 0, timestamp: evening, utmSource: 'first', country: 'GB' }),
      anEnrichedEvent({ ...visit, rawOffset: 1, timestamp: evening + 1, utmSource: 'second', country: 'FR' }),
    ]
    const partition = new FakePartition(log.map(encodeEnrichedRecord))
    const store = new FakeStore()
    await runMember(partition, store, { rowsMax: 1, latenessS: 0, sessionsMax: 10, fetchSize: 1 })
    expect(store.events.map(({ utmSource, country }) => [utmSource, country])).toEqual([
      ['first', 'GB'],
      ['first', 'GB'],
    ])
  })
})
