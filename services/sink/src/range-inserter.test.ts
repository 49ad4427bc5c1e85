import { anEventRow } from '@millrace/clickhouse/testing'
import { describe, expect, it } from 'vitest'
import { RangeClaim } from './range-claim.ts'
import { RangeInserter } from './range-inserter.ts'
import { FakePartition, FakeStore, silentEvents } from './testing.ts'

const november = Date.UTC(2026, 10, 21) / 1000
const december = Date.UTC(2026, 11, 1) / 1000
const whole = { first: 10, last: 19, raw: 5 }

describe('the tokens of a range of events', () => {
  it.each([
    ['name the range', whole, [november], ['10-19']],
    [
      'name the months where there are several',
      whole,
      [november, december],
      ['10-19:202611', '10-19:202612'],
    ],
    [
      'name the month of a part always: rows of another month may be stored already, and must not change the token',
      { ...whole, split: 30 },
      [november],
      ['10-19:202611'],
    ],
  ])('%s', async (_title, intent, timestamps, tokens) => {
    const store = new FakeStore()
    const common = { now: () => 0, retryDelays: { delayMsMin: 0, delayMsMax: 0 } }
    const claim = new RangeClaim(new FakePartition([]).assign(), intent, {
      ...common,
      onRetry: () => undefined,
    })
    const inserter = new RangeInserter({ ...common, store, internalEvents: silentEvents() })
    await inserter.insertEvents(
      claim,
      timestamps.map((timestamp) => anEventRow({ timestamp })),
    )
    expect(store.inserts.map(({ token }) => token)).toEqual(
      tokens.map((token) => `millrace.events.enriched:3:${token}`),
    )
  })
})
