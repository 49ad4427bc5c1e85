import { encodeEnrichedRecord, type OverridableColumn } from '@millrace/events'
import { anEnrichedEvent } from '@millrace/events/testing'
import { PartitionLostError, type Assignment } from '@millrace/log'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { EnrichedPartition } from './enriched-partition.ts'
import { runPartition } from './partition-loop.ts'
import { RangeInserter } from './range-inserter.ts'
import { FakeHistory, FakePartition, FakeStore, silentEvents } from './testing.ts'

const gapS = 1800
const partitionsMax = 3
const consumersMax = 4
/** Late on the last day of a month, so that logs cross into the next. */
const evening = Date.UTC(2026, 10, 30, 22) / 1000
const internalEvents = silentEvents()

/** Mostly a clock that goes on; some events late, some repeated by their client. */
const anyEvent = fc.record({
  user: fc.nat(2),
  isNextDay: fc.boolean(),
  name: fc.constantFrom('pageview', 'pageview', 'engagement', 'Purchase'),
  step: fc.constantFrom(0, 1, 60, 600, 900, 1800),
  lateS: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(9000) }),
  clientEventId: fc.constantFrom('', '', '', 'one', 'two'),
  overrides: fc.constantFrom<OverridableColumn[][]>([], [], [], ['country', 'city'], ['device']),
})

/** Events of one partition, and ranges of them that an enricher wrote again after a crash. */
const anyLog = fc
  .record({
    events: fc.array(anyEvent, { minLength: 1, maxLength: 40, size: 'max' }),
    repeats: fc.array(fc.record({ at: fc.nat(40), count: fc.integer({ min: 1, max: 15 }) }), {
      maxLength: 2,
    }),
  })
  .map(logOf)

const anyConsumer = fc.record({
  rowsMax: fc.integer({ min: 1, max: 20 }),
  latenessS: fc.constantFrom<number[]>(0, 600, 7200),
  sessionsMax: fc.constantFrom<number[]>(1, 3, 1000),
  idsMax: fc.constantFrom<number[]>(1, 1000),
  fetchSize: fc.integer({ min: 1, max: 10 }),
})
type ConsumerOptions = typeof anyConsumer extends fc.Arbitrary<infer T> ? T : never

/**
 * How a partition leaves its consumer: it is told and drains; it is frozen, knows nothing, and goes on when it wakes; or
 * it is killed, and what it had sent still arrives.
 */
const anyHandover = fc.record({
  partition: fc.nat(partitionsMax - 1),
  to: fc.nat(consumersMax - 1),
  way: fc.constantFrom('drains', 'is frozen', 'is killed'),
})
type Handover = typeof anyHandover extends fc.Arbitrary<infer T> ? T : never

it('gives the same rows for the same log, whatever consumers share it and whenever they take it from each other', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyLog, { minLength: 1, maxLength: partitionsMax }),
      fc.array(anyConsumer, { minLength: 1, maxLength: consumersMax }),
      fc.array(anyHandover, { maxLength: 12, size: 'max' }),
      fc.scheduler(),
      async (logs, consumers, handovers, scheduler) => {
        const shared = new SharedLogs(logs, { consumers, scheduler })
        await shared.run(handovers)
        const alone = new SharedLogs(logs, { consumers: [unhurried], scheduler })
        await alone.run([])
        expect(alone.rows().events.length + alone.rows().drops.length).toBe(recordsOnce(logs))
        expect(shared.rows()).toEqual(alone.rows())
      },
    ),
    { numRuns: 200, interruptAfterTimeLimit: 40_000 },
  )
}, 60_000)

const unhurried: ConsumerOptions = {
  rowsMax: 10_000,
  latenessS: 1_000_000,
  sessionsMax: 10_000,
  idsMax: 10_000,
  fetchSize: 10_000,
}

function logOf(log: {
  readonly events: readonly (typeof anyEvent extends fc.Arbitrary<infer T> ? T : never)[]
  readonly repeats: readonly { readonly at: number; readonly count: number }[]
}): Buffer[] {
  let clock = evening
  const values = log.events.map(
    ({ user, isNextDay, name, step, lateS, clientEventId, overrides }, rawOffset) => {
      clock += step
      const ids = [`00000000000000a${user}`, `00000000000000b${user}`, `00000000000000c${user}`] as const
      const [userId, previousUserId] = isNextDay ? [ids[2], ids[1]] : [ids[1], ids[0]]
      const times = { timestamp: clock - lateS, receivedAt: clock * 1000 }
      const event = { ...times, rawOffset, userId, previousUserId, name, clientEventId }
      const touch = { country: `C${rawOffset}`, city: `c${rawOffset}`, device: `d${rawOffset}` }
      const told = anEnrichedEvent({ ...event, ...touch, source: `raw ${rawOffset}` })
      return encodeEnrichedRecord(overrides.length === 0 ? told : { ...told, overrides })
    },
  )
  const written = [...values]
  for (const { at, count } of log.repeats) {
    const end = Math.min(at, values.length)
    const place = written.lastIndexOf(values[end - 1]!)
    if (place >= 0) written.splice(place + 1, 0, ...values.slice(Math.max(0, end - count), end))
  }
  return written
}

function recordsOnce(logs: readonly (readonly Buffer[])[]): number {
  return logs.reduce((sum, log) => sum + new Set(log).size, 0)
}

/** A consumer with a partition in its hands. */
interface Holder {
  isAlive: boolean
  readonly assignment: ReturnType<FakePartition['assign']>
  readonly ended: Promise<void>
}

/** Partitions and one store; every request takes its time to arrive, and its answer to come back. */
class SharedLogs {
  readonly #partitions: readonly FakePartition[]
  readonly #holders = new Map<number, Holder>()
  readonly #store = new FakeStore()
  readonly #history = new FakeHistory(this.#store)
  readonly #consumers: readonly ConsumerOptions[]
  readonly #scheduler: fc.Scheduler

  constructor(
    logs: readonly (readonly Buffer[])[],
    options: { readonly consumers: readonly ConsumerOptions[]; readonly scheduler: fc.Scheduler },
  ) {
    this.#partitions = logs.map((values) => new FakePartition(values))
    this.#consumers = options.consumers
    this.#scheduler = options.scheduler
  }

  /** The hand-overs, some time after each other; then each partition stays with a consumer until its end. */
  async run(handovers: readonly Handover[]): Promise<void> {
    for (const number of this.#partitions.keys()) this.#take(number, 0)
    const handingOver = (async () => {
      for (const { partition, to, way } of handovers) {
        await this.#someTime('a hand-over')
        const holder = this.#holders.get(partition)
        if (holder === undefined) continue
        if (way === 'drains') holder.assignment.revoke()
        if (way === 'is killed') holder.isAlive = false
        this.#take(partition, to)
      }
    })()
    await this.#scheduler.waitFor(handingOver)
    for (const [number, partition] of this.#partitions.entries()) {
      while (partition.committed?.offset !== partition.records.length) {
        await this.#scheduler.waitFor(this.#take(number, number).ended)
      }
    }
    // What is still under way arrives.
    await this.#scheduler.waitIdle()
  }

  rows() {
    const byPlace = <Row extends { readonly kafkaPartition: number; readonly kafkaOffset: number }>(
      rows: readonly Row[],
    ) => rows.toSorted((a, b) => a.kafkaPartition - b.kafkaPartition || a.kafkaOffset - b.kafkaOffset)
    return { events: byPlace(this.#store.events), drops: byPlace(this.#store.drops) }
  }

  #take(number: number, consumer: number): Holder {
    const partition = this.#partitions[number]!
    const options = this.#consumers[consumer % this.#consumers.length]!
    const assignment = partition.assign()
    const holder = { isAlive: true, assignment, ended: Promise.resolve() }
    holder.ended = this.#hold(number, holder, options)
    this.#holders.set(number, holder)
    return holder
  }

  async #hold(number: number, holder: Holder, options: ConsumerOptions): Promise<void> {
    const { rowsMax, latenessS, sessionsMax, idsMax, fetchSize } = options
    const common = { internalEvents, now: () => 0, retryDelays: { delayMsMin: 0, delayMsMax: 0 } }
    const ask = <Answer>(what: string, perform: () => Promise<Answer>) =>
      this.#ask(holder, `${number} ${what}`, perform)
    const { assignment } = holder
    const remote: Assignment = {
      ...assignment,
      partition: number,
      fetch: ({ recordsMax, waitMsMax }) => {
        const fewer = { recordsMax: Math.min(recordsMax, fetchSize), waitMsMax }
        return ask('fetch', () => assignment.fetch(fewer))
      },
      commit: (position) => ask('commit', () => assignment.commit(position)),
    }
    const history = asked(this.#history, ask)
    const store: Pick<FakeStore, 'insert' | 'block' | 'insertBlock'> = {
      insert: (batch) => ask('insert', () => this.#store.insert(batch)),
      block: (table) => this.#store.block(table),
      insertBlock: (block, token) => ask('insert', () => this.#store.insertBlock(block, token)),
    }
    const work = new EnrichedPartition({
      ...common,
      inserter: new RangeInserter({ ...common, store }),
      history,
      sessions: { inactivityGapS: gapS, latenessS, sessionsMax },
      repeats: { history, limits: { windowS: 3600, idsMax } },
      wallClock: () => (evening + 100_000) * 1000,
    })
    const limits = { rowsMax, bytesMax: 1_000_000, ageMsMax: 1000 }
    try {
      await runPartition(remote, work, { ...common, limits, lostRecords: 'stop' })
    } catch (error) {
      // As the consumer does.
      if (!(error instanceof PartitionLostError)) throw error
    }
  }

  /** What was asked by a consumer that is killed meanwhile is carried out, and its answer comes to nobody. */
  async #ask<Answer>(holder: Holder, what: string, perform: () => Promise<Answer>): Promise<Answer> {
    if (!this.#isAlive(holder)) return never()
    await this.#someTime(`${what} arrives`)
    const outcome = await perform().then(
      (answer) => () => answer,
      (error: unknown) => () => {
        throw error
      },
    )
    await this.#someTime(`${what} is answered`)
    return this.#isAlive(holder) ? outcome() : never()
  }

  #isAlive(holder: Holder): boolean {
    return holder.isAlive
  }

  async #someTime(label: string): Promise<void> {
    await this.#scheduler.schedule(Promise.resolve(), label)
  }
}

/** The history with each question on its way for a while. */
function asked(
  history: FakeHistory,
  ask: <Answer>(what: string, perform: () => Promise<Answer>) => Promise<Answer>,
): FakeHistory {
  return new Proxy(history, {
    get: (_, name) => {
      const question = Reflect.get(history, name) as unknown
      if (typeof question !== 'function') return question
      return (...args: unknown[]) =>
        ask(String(name), () => Reflect.apply(question, history, args) as Promise<unknown>)
    },
  })
}

function never(): Promise<never> {
  return new Promise(() => undefined)
}
