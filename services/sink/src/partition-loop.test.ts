import { StoreError } from '@millrace/clickhouse'
import { encodeEnrichedRecord } from '@millrace/events'
import { anEnrichedEvent } from '@millrace/events/testing'
import type { Assignment } from '@millrace/log'
import { Metrics } from '@millrace/runtime'
import { describe, expect, it } from 'vitest'
import { EnrichedPartition } from './enriched-partition.ts'
import { runPartition } from './partition-loop.ts'
import { RangeInserter } from './range-inserter.ts'
import { Crash, FakeHistory, FakePartition, FakeStore, silentEvents, type Fault } from './testing.ts'

const noon = Date.UTC(2026, 10, 21, 12) / 1000
const topic = 'millrace.events.enriched'

function aPartition(changes: readonly Partial<Parameters<typeof anEnrichedEvent>[0]>[]): FakePartition {
  const values = changes.map((change, rawOffset) =>
    encodeEnrichedRecord(anEnrichedEvent({ rawOffset, timestamp: noon + rawOffset, ...change })),
  )
  const partition = new FakePartition(values)
  partition.nextFetchSize = () => 2
  return partition
}

function run(
  assignment: Assignment,
  store: FakeStore,
  { now = (): number => 0, metrics = new Metrics(), rowsMax = 2 } = {},
): Promise<void> {
  const common = { internalEvents: silentEvents(metrics), now, retryDelays: { delayMsMin: 0, delayMsMax: 0 } }
  const work = new EnrichedPartition({
    ...common,
    inserter: new RangeInserter({ ...common, store }),
    history: new FakeHistory(store),
    sessions: { inactivityGapS: 1800, latenessS: 3600, sessionsMax: 1000 },
    wallClock: () => (noon + 60) * 1000,
  })
  const limits = { rowsMax, bytesMax: 1_000_000, ageMsMax: 100 }
  return runPartition(assignment, work, { ...common, limits, lostRecords: 'stop' })
}

describe('the partition loop', () => {
  it('commits each range before its insert, and the end of the last when idle', async () => {
    const partition = aPartition([{}, {}, {}, {}, {}])
    const store = new FakeStore()
    const steps: string[] = []
    store.nextFault = () => {
      steps.push(`insert after ${partition.commits.length} commits`)
      return 'none'
    }
    await run(partition.assign(), store)
    expect(partition.commits).toEqual([
      { offset: 0, metadata: '{"first":0,"last":1,"raw":-1}' },
      { offset: 2, metadata: '{"first":2,"last":3,"raw":1}' },
      { offset: 4, metadata: '{"first":4,"last":4,"raw":3}' },
      { offset: 5, metadata: '{"raw":4}' },
    ])
    expect(steps).toEqual([1, 2, 3].map((commits) => `insert after ${commits} commits`))
    expect(store.inserts.map(({ token }) => token)).toEqual([
      `${topic}:3:0-1`,
      `${topic}:3:2-3`,
      `${topic}:3:4-4`,
    ])
  })

  it('inserts the first record after a pause at once, and what comes until the next batch is due together', async () => {
    const partition = aPartition([{}, {}, {}, {}, {}])
    partition.nextFetchSize = () => 1
    const store = new FakeStore()
    const assignment = { ...partition.assign(), highWatermark: () => 0 }
    await run(assignment, store, { rowsMax: 100 })
    expect(store.inserts.map(({ token }) => token)).toEqual([`${topic}:3:0-0`, `${topic}:3:1-4`])
  })

  it('commits nothing for a partition without records', async () => {
    const partition = aPartition([])
    await run(partition.assign(), new FakeStore())
    expect(partition.commits).toEqual([])
  })

  it('inserts the rows of a range by table and by month, under tokens of the range', async () => {
    const october = Date.UTC(2026, 9, 31) / 1000
    const partition = aPartition([
      {},
      { timestamp: october },
      { name: 'engagement', userId: '00000000000000ff' },
    ])
    partition.records.push({ offset: 3, key: null, value: Buffer.from('?'), appendedAt: noon * 1000 })
    const store = new FakeStore()
    partition.nextFetchSize = () => 4
    await run(partition.assign(), store, { rowsMax: 4 })
    expect(store.inserts).toEqual([
      { table: 'events', token: `${topic}:3:0-3:202611`, rows: 1 },
      { table: 'events', token: `${topic}:3:0-3:202610`, rows: 1 },
      { table: 'dropped_events', token: `${topic}:3:0-3:drops`, rows: 1 },
      { table: 'dead_letters', token: `${topic}:3:0-3:dead-letters`, rows: 1 },
    ])
    expect(store.deadLetters[0]).toMatchObject({
      stage: 'sink',
      topic,
      kafkaPartition: 3,
      kafkaOffset: 3,
      timestamp: noon,
    })
  })

  it('leaves the range to the successor when the store fails and the partition is taken away', async () => {
    const partition = aPartition([{}, {}])
    const store = new FakeStore()
    const assignment = partition.assign()
    store.nextFault = () => {
      assignment.revoke()
      return 'fail after'
    }
    await run(assignment, store)
    expect(partition.committed).toEqual({ offset: 0, metadata: '{"first":0,"last":1,"raw":-1}' })

    store.nextFault = () => 'none'
    await run(partition.assign(), store)
    expect(partition.committed).toEqual({ offset: 2, metadata: '{"raw":1}' })
    expect(store.inserts.map(({ token }) => token)).toEqual([`${topic}:3:0-1`, `${topic}:3:0-1`])
    expect(store.events).toHaveLength(2)
  })

  it('inserts nothing once another member has the partition', async () => {
    const partition = aPartition([{}, {}])
    const store = new FakeStore()
    const fenced = partition.assign()
    partition.assign()
    await expect(run(fenced, store)).rejects.toMatchObject({ code: 'PARTITION_LOST' })
    expect(store.inserts).toEqual([])
  })

  it('asks again whether the range is still its own before it inserts after a long time', async () => {
    const partition = aPartition([{}, {}])
    const store = new FakeStore()
    let time = 0
    store.nextFault = () => {
      // Frozen for a minute with a failed insert; meanwhile the partition went to another member.
      time += 60_000
      partition.assign()
      return 'fail before'
    }
    const frozen = run(partition.assign(), store, { now: () => time })
    await expect(frozen).rejects.toMatchObject({ code: 'PARTITION_LOST' })
    expect(store.inserts).toEqual([])
  })

  it('ends with an error that no repeat can cure', async () => {
    const store = new FakeStore()
    store.insert = () => Promise.reject(new StoreError('no such table', { code: 'SCHEMA_MISSING' }))
    await expect(run(aPartition([{}]).assign(), store)).rejects.toMatchObject({ code: 'SCHEMA_MISSING' })
  })

  it('keeps a refused row as a dead letter with its cause, and stores the others', async () => {
    const partition = aPartition([{}, {}, { title: 'poison' }, {}])
    const store = new FakeStore()
    store.isRefused = ({ title }) => title === 'poison'
    partition.nextFetchSize = () => 4
    await run(partition.assign(), store, { rowsMax: 4 })
    expect(store.events.map(({ kafkaOffset }) => kafkaOffset)).toEqual([0, 1, 3])
    expect(store.deadLetters).toMatchObject([{ kafkaOffset: 2, cause: 'a row is refused', stage: 'sink' }])
    expect(store.deadLetters[0]?.record).toEqual(partition.records[2]?.value)
    expect(partition.committed).toEqual({ offset: 4, metadata: '{"raw":3}' })
  })

  it('knows after two handovers which rows of a refused range are stored already', async () => {
    const october = Date.UTC(2026, 9, 31) / 1000
    const partition = aPartition([{}, { timestamp: october, title: 'poison' }, {}, {}])
    const store = new FakeStore()
    store.isRefused = ({ title }) => title === 'poison'
    partition.nextFetchSize = () => 4
    // The rows of November are stored under the token of all four; the first part is declared, then the process ends.
    const commits: Fault[] = ['none', 'none', 'none', 'crash before']
    partition.nextFault = () => commits.shift() ?? 'none'
    await expect(run(partition.assign(), store, { rowsMax: 4 })).rejects.toThrow(Crash)
    expect(partition.committed?.metadata).toBe('{"first":0,"last":0,"raw":-1,"split":3}')

    const successor = partition.assign()
    partition.nextFault = () => {
      successor.revoke()
      return 'none'
    }
    await run(successor, store, { rowsMax: 4 })
    expect(partition.committed).toEqual({ offset: 1, metadata: '{"raw":0,"split":3}' })

    partition.nextFault = () => 'none'
    await run(partition.assign(), store, { rowsMax: 4 })
    expect(store.events.map(({ kafkaOffset }) => kafkaOffset).toSorted()).toEqual([0, 2, 3])
    expect(store.deadLetters.map(({ kafkaOffset }) => kafkaOffset)).toEqual([1])
    expect(partition.committed).toEqual({ offset: 4, metadata: '{"raw":3}' })
  })

  it('looks up no visitor of a range that waited for hours in the log', async () => {
    const partition = aPartition(
      Array.from({ length: 10 }, (_, hour) => ({ timestamp: noon + (hour - 9) * 3600 })),
    )
    partition.nextFetchSize = () => 10
    const metrics = new Metrics()
    await run(partition.assign(), new FakeStore(), { metrics, rowsMax: 10 })
    expect(await metrics.registry.metrics()).toContain('millrace_sink_recalled_events_total 0')
  })

  it('counts what it stores, drops and passes over', async () => {
    const partition = aPartition([
      {},
      { rawOffset: 0 },
      { rawOffset: 5 },
      { name: 'engagement', userId: '00000000000000ff' },
    ])
    const metrics = new Metrics()
    await run(partition.assign(), new FakeStore(), { metrics })
    const text = await metrics.registry.metrics()
    expect(text).toContain('millrace_sink_inserted_rows_total{table="events"} 2')
    expect(text).toContain(`millrace_sink_repeats_total{topic="${topic}"} 2`)
    expect(text).toMatch(/millrace_sink_freshness_seconds [\d.]+/)
  })
})
