import type { EventRow } from '@millrace/clickhouse'
import {
  encodeEnrichedRecord,
  type EnrichedEvent,
  type EnrichedRecord,
  type OverridableColumn,
} from '@millrace/events'
import { anEnrichedEvent } from '@millrace/events/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EnrichedPartition } from './enriched-partition.ts'
import { runPartition } from './partition-loop.ts'
import { RangeInserter } from './range-inserter.ts'
import { expectedRows, isRefusedRow, storedRows } from './test-expected-rows.ts'
import { Crash, FakeHistory, FakePartition, FakeStore, silentEvents, type Fault } from './testing.ts'

const rules = { gapS: 1800, windowS: 1200 }
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
  overrides: fc.constantFrom<OverridableColumn[][]>([], [], [], ['country', 'city'], ['city'], ['device']),
  poison: fc.constantFrom<Poison[]>('none', 'none', 'none', 'none', 'none', 'none', 'encoder', 'server'),
  /** Few, so that they come again; the first record of an id fixes the visitor more often than not. */
  clientEventId: fc.constantFrom('', '', 'key 1', 'key 2', "it's \\ 3"),
  /** Between the clock of the log and that of the producer: late ones waited in a spill. */
  receivedOffsetS: fc.constantFrom<number[]>(0, 0, 0, -1, 3, -1300, 1300, -40_000, 90_000),
})

/** What refuses a row: nothing, our encoder before it is sent, or the server. */
type Poison = 'none' | 'encoder' | 'server'

type AnyRecord = typeof anyRecord extends fc.Arbitrary<infer T> ? T : never

const anyRun = fc.record({
  rowsMax: fc.integer({ min: 1, max: 40 }),
  latenessS: fc.constantFrom<number[]>(0, 600, 7200),
  sessionsMax: fc.constantFrom<number[]>(1, 3, 1000, 1000),
  idsMax: fc.constantFrom<number[]>(1, 3, 1000, 1000),
  fetchSize: fc.integer({ min: 1, max: 20 }),
  decodedMax: fc.constantFrom<number[]>(1, 2, 5, 1000),
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
  return records.map((record, rawOffset) => {
    const { kind, user, isNextDay, name, step, offsetS, poison, clientEventId } = record
    clock += step
    const receivedAt = (clock + record.receivedOffsetS) * 1000 + 999
    if (kind === 'bytes') return undefined
    const ids = [`00000000000000a${user}`, `00000000000000b${user}`, `00000000000000c${user}`] as const
    const [userId, previousUserId] = isNextDay ? [ids[2], ids[1]] : [ids[1], ids[0]]
    const timestamp = clock + offsetS
    const { site, protocol, hostname, pathname } = anEnrichedEvent()
    if (kind === 'drop') {
      const drop = { site, protocol, hostname, pathname, userAgent: 'curl', reason: 'bot' as const }
      return { kind: 'drop', rawOffset, receivedAt, ...drop }
    }
    // An engagement event without a session is dropped before it could be refused, and so is a repeat.
    const isPoisoned = poison !== 'none' && name !== 'engagement'
    const title = isPoisoned && poison === 'server' ? 'poison' : ''
    const scrollDepth = isPoisoned && poison === 'encoder' ? 1000 : 0
    const event = anEnrichedEvent({
      rawOffset,
      receivedAt,
      timestamp,
      userId,
      previousUserId,
      name,
      title,
      scrollDepth,
      clientEventId,
      source: `raw ${rawOffset}`,
      country: `C${rawOffset}`,
      city: `c${rawOffset}`,
      device: `d${rawOffset}`,
    })
    return record.overrides.length === 0 ? event : { ...event, overrides: record.overrides }
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

/** What the `sessions` view says of device and place: the rows of each session that were inserted last. */
function lastInserted(events: readonly EventRow[]): object {
  return Object.fromEntries(
    events.map(({ userId, sessionStart, country, city, device }) => {
      return [`${userId} ${sessionStart}`, { country, city, device }]
    }),
  )
}

const inOrder = (events: readonly EventRow[]) => events.toSorted((a, b) => a.kafkaOffset - b.kafkaOffset)

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
  store.isRefused = isRefusedRow
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
  { rowsMax, latenessS, sessionsMax, idsMax, decodedMax }: Scenario['runs'][number],
): Promise<boolean> {
  const now = () => 0
  const common = { internalEvents, now, retryDelays: { delayMsMin: 0, delayMsMax: 0 } }
  const history = new FakeHistory(store)
  const work = new EnrichedPartition({
    ...common,
    inserter: new RangeInserter({ ...common, store }),
    history,
    sessions: { inactivityGapS: rules.gapS, latenessS, sessionsMax },
    repeats: { history, limits: { windowS: rules.windowS, idsMax } },
    wallClock: () => (evening + 10_000) * 1000,
    decodedMax,
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

const oneByOne = { rowsMax: 1, latenessS: 0, sessionsMax: 10, idsMax: 10, fetchSize: 1, decodedMax: 1 }

const withRecords = (change: (record: AnyRecord) => Partial<AnyRecord>) => (scenario: Scenario) => ({
  ...scenario,
  records: scenario.records.map((record) => ({ ...record, ...change(record) })),
})
const refusedBy = (...refusers: readonly Poison[]) =>
  withRecords(({ poison }) => ({ poison: refusers.includes(poison) ? poison : 'none' }))
const withinOneMonth = withRecords(({ step, offsetS }) => ({ step: step % 60, offsetS: offsetS % 7000 }))

describe('a partition that changes hands among failing members', () => {
  it.each([
    ['is stored exactly once, in the sessions of the rules', anyScenario.map(refusedBy())],
    ['keeps what the encoder refuses as dead letters', anyScenario.map(refusedBy('encoder'))],
    ['keeps what the server refuses as dead letters', anyScenario.map(withinOneMonth)],
  ])('%s, and what clients repeat only once', { timeout: 60_000 }, async (_title, scenarios) => {
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        const { store } = await simulate(scenario)
        expect(storedRows(store)).toEqual(expectedRows(enrichedLog(scenario), rules))
        expect(lastInserted(store.events)).toEqual(lastInserted(inOrder(store.events)))
      }),
      runs,
    )
  })

  it('stores each record once even where the server refuses rows at a turn of the month', async () => {
    await fc.assert(
      fc.asyncProperty(anyScenario, async (scenario) => {
        const { store } = await simulate(scenario)
        const places = [...store.events, ...store.drops, ...store.deadLetters].map((row) => row.kafkaOffset)
        const { events, drops, deadLetters } = expectedRows(enrichedLog(scenario), rules)
        const expected = [...(events as { offset: number }[]), ...drops].map(({ offset }) => offset)
        expect(places.toSorted(byNumber)).toEqual([...expected, ...deadLetters].toSorted(byNumber))
      }),
      runs,
    )
  })
})

describe('a refused row at the turn of a month', () => {
  const turn = Date.UTC(2026, 11, 1) / 1000
  const visitor = { userId: '00000000000000a1', previousUserId: '00000000000000a1' }

  /** Another visitor puts December first; then one visitor's events, the first of which is refused. */
  async function startsOf(refused: Partial<EnrichedEvent>, secondsFromTurn: readonly number[]) {
    const log = [
      anEnrichedEvent({ rawOffset: 0, timestamp: turn, userId: '00000000000000a2' }),
      anEnrichedEvent({ ...visitor, ...refused, rawOffset: 1, timestamp: turn - 20 }),
      ...secondsFromTurn.map((second, index) =>
        anEnrichedEvent({ ...visitor, rawOffset: 2 + index, timestamp: turn + second }),
      ),
    ]
    const store = new FakeStore()
    store.isRefused = isRefusedRow
    const partition = new FakePartition(log.map(encodeEnrichedRecord))
    await runMember(partition, store, {
      rowsMax: 10,
      latenessS: 0,
      sessionsMax: 10,
      idsMax: 10,
      fetchSize: 10,
      decodedMax: 3,
    })
    expect(store.deadLetters.map(({ kafkaOffset }) => kafkaOffset)).toEqual([1])
    const rows = store.events.filter(({ userId }) => userId === visitor.userId)
    return rows.toSorted((a, b) => a.kafkaOffset - b.kafkaOffset).map((row) => row.sessionStart - turn)
  }

  it('opens no session for its neighbours when it is seen before anything is stored', async () => {
    expect(await startsOf({ scrollDepth: 1000 }, [10, -10])).toEqual([10, 10])
  })

  it('leaves its session to what was stored before it was seen, and to what follows that', async () => {
    expect(await startsOf({ title: 'poison' }, [10, -10])).toEqual([-20, -20])
  })
})

it('puts a late event into the session that started last, though that one was forgotten and an older one was not', async () => {
  const at = (user: string, second: number) =>
    anEnrichedEvent({ userId: user, previousUserId: user, timestamp: evening + second })
  const log = [at('00000000000000a1', 0), at('00000000000000a2', 1860)] // the second pushes the first out of memory
  log.push(at('00000000000000a1', -1801), at('00000000000000a1', -900))
  const partition = new FakePartition(
    log.map((event, rawOffset) => encodeEnrichedRecord({ ...event, rawOffset })),
  )
  const store = new FakeStore()
  await runMember(partition, store, { ...oneByOne, rowsMax: 2, fetchSize: 2 })
  expect(store.events.map(({ sessionStart }) => sessionStart - evening)).toEqual([0, 1860, -1801, 0])
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
    await runMember(partition, store, oneByOne)
    expect(store.events.map(({ utmSource, country }) => [utmSource, country])).toEqual([
      ['first', 'GB'],
      ['first', 'GB'],
    ])
  })

  it('carries device and place as they were overridden last, whoever stores it', async () => {
    const visit = { name: 'pageview', userId: '00000000000000a1', previousUserId: '00000000000000a1' }
    const place = { country: 'FR', city: 'Paris', overrides: ['country', 'city'] as OverridableColumn[] }
    const log = [{}, { ...place }, {}, { device: 'Tablet', overrides: ['device'] as OverridableColumn[] }, {}]
    const events = log.map((said, rawOffset) =>
      anEnrichedEvent({ ...visit, ...said, rawOffset, timestamp: evening + rawOffset }),
    )
    const partition = new FakePartition(events.map(encodeEnrichedRecord))
    const store = new FakeStore()
    const limits = oneByOne
    // A successor for each event.
    store.nextFault = () => (store.inserts.length < log.length ? 'crash after' : 'none')
    for (let member = 0; member <= log.length; member++) await runMember(partition, store, limits)
    expect(store.events.map(({ country, city, device }) => [country, city, device])).toEqual([
      ['GB', 'London', 'Desktop'],
      ['FR', 'Paris', 'Desktop'],
      ['FR', 'Paris', 'Desktop'],
      ['FR', 'Paris', 'Tablet'],
      ['FR', 'Paris', 'Tablet'],
    ])
  })
})
