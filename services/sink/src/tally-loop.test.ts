import { acceptedEventsTable, deadLettersTable, StoreError } from '@millrace/clickhouse'
import { FakeStore } from '@millrace/clickhouse/testing'
import { encodeTally, topics, type TallyCount } from '@millrace/events'
import { describe, expect, it } from 'vitest'
import { runPartition } from './partition-loop.ts'
import { RangeInserter } from './range-inserter.ts'
import { TallyPartition } from './tally-loop.ts'
import { FakePartition, silentEvents } from './testing.ts'

const internalEvents = silentEvents()
const retryDelays = { delayMsMin: 1, delayMsMax: 2 }
const now = () => performance.now()
const minute = Date.UTC(2026, 10, 21, 12) / 1000

const tally = (...counts: TallyCount[]) => encodeTally({ counterId: 'run-1', counts })

async function store(partition: FakePartition, target: FakeStore): Promise<void> {
  const inserter = new RangeInserter({ store: target, internalEvents, now, retryDelays })
  const limits = { rowsMax: 100, bytesMax: 1_000_000, ageMsMax: 5 }
  await runPartition(partition.assign(topics.books), new TallyPartition({ inserter }), {
    limits,
    lostRecords: 'skip',
    now,
    internalEvents,
    retryDelays,
  })
}

describe('a partition of the books', () => {
  it('is stored with every count, and when the log got it', async () => {
    const partition = new FakePartition([
      tally([0, 'a.example', minute, 3, 2, 17], [1, 'b.example', minute + 60, 0, 1, 9]),
      tally([0, 'a.example', minute, 3, 5, 20]),
    ])
    const target = new FakeStore()
    await store(partition, target)
    const row = {
      counterId: 'run-1',
      page: 0,
      site: 'a.example',
      minute,
      kafkaPartition: 3,
      countedAt: 1_700_000_000,
    }
    expect(target.rows(acceptedEventsTable)).toEqual([
      { ...row, accepted: 2, lastRawOffset: 17 },
      {
        ...row,
        page: 1,
        site: 'b.example',
        minute: minute + 60,
        kafkaPartition: 0,
        accepted: 1,
        lastRawOffset: 9,
      },
      { ...row, accepted: 5, lastRawOffset: 20 },
    ])
  })

  it.each([
    ['bytes that are no JSON', Buffer.from('{')],
    ['a tally of another shape', Buffer.from('{"counterId":"x","counts":[[1,2]]}')],
    ['a minute that no column holds', tally([0, 'a', 2 ** 32, 0, 1, 1])],
    ['a negative count', tally([0, 'a', minute, 0, -1, 1])],
    ['a partition that no column holds', tally([0, 'a', minute, 65_536, 1, 1])],
  ])('keeps %s as a dead letter, and the records beside it', async (_case, bytes) => {
    const target = new FakeStore()
    await store(
      new FakePartition([tally([0, 'a', minute, 0, 1, 1]), bytes, tally([1, 'a', minute, 0, 1, 2])]),
      target,
    )
    expect(target.rows(acceptedEventsTable).map(({ page }) => page)).toEqual([0, 1])
    expect(target.rows(deadLettersTable)).toMatchObject([
      { stage: 'sink', topic: topics.books, kafkaPartition: 3, kafkaOffset: 1, record: bytes },
    ])
  })

  it('goes on where the store refuses a row, which becomes a dead letter', async () => {
    const target = new FakeStore()
    target.failInserts(
      new StoreError('refused', { code: 'DATA_REFUSED' }), // both
      new StoreError('refused', { code: 'DATA_REFUSED' }), // the first alone
    )
    const values = [1, 2].map((page) => tally([page, 'a', minute, 0, 1, 1]))
    await store(new FakePartition(values), target)
    expect(target.rows(acceptedEventsTable).map(({ page }) => page)).toEqual([2])
    expect(target.rows(deadLettersTable)).toMatchObject([{ topic: topics.books, record: values[0] }])
  })

  it('is repeated under the same token by a successor, after an answer that was lost', async () => {
    const partition = new FakePartition([tally([0, 'a', minute, 0, 1, 1])])
    const target = new FakeStore()
    target.failInserts('after')
    for (let member = 0; member < 2; member++) await store(partition, target)
    expect(target.rows(acceptedEventsTable)).toHaveLength(1)
    expect(target.attempts.map(({ token }) => token)).toEqual(Array(2).fill(`${topics.books}:3:0-0`))
  })

  it('passes over what retention took before it was stored', async () => {
    const partition = new FakePartition([0, 1, 2].map((page) => tally([page, 'a', minute, 0, 1, 1])))
    partition.committed = { offset: 0, metadata: '{"raw":-1}' }
    partition.low = 2
    const target = new FakeStore()
    await store(partition, target)
    expect(target.rows(acceptedEventsTable).map(({ page }) => page)).toEqual([2])
  })
})
