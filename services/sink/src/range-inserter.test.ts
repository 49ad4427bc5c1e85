import { anEventRow } from '@millrace/clickhouse/testing'
import { describe, expect, it } from 'vitest'
import type { Intent } from './intent.ts'
import { RangeClaim } from './range-claim.ts'
import { RangeInserter } from './range-inserter.ts'
import { FakePartition, FakeStore, silentEvents } from './testing.ts'

const november = Date.UTC(2026, 10, 21) / 1000
const december = Date.UTC(2026, 11, 1) / 1000
const whole = { first: 10, last: 19, raw: 5 }

function anInserter(intent: Intent) {
  const store = new FakeStore()
  const common = { now: () => 0, retryDelays: { delayMsMin: 0, delayMsMax: 0 } }
  const claim = new RangeClaim(new FakePartition([]).assign(), intent, {
    ...common,
    onRetry: () => undefined,
  })
  return { store, claim, inserter: new RangeInserter({ ...common, store, internalEvents: silentEvents() }) }
}

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
    const { store, inserter, claim } = anInserter(intent)
    await inserter.insertEvents(
      claim,
      timestamps.map((timestamp) => anEventRow({ timestamp })),
    )
    expect(store.inserts.map(({ token }) => token)).toEqual(
      tokens.map((token) => `millrace.events.enriched:3:${token}`),
    )
  })

  it('stay with their rows when some of a part are stored already', async () => {
    const row = (kafkaOffset: number, timestamp: number, city: string) =>
      anEventRow({ kafkaOffset, timestamp, city, sessionStart: december - 60 })
    const rows = [row(10, december - 60, 'a'), row(11, december, 'b'), row(12, december - 1, 'c')]
    const tokensWithout = async (stored: readonly number[]) => {
      const { store, inserter, claim } = anInserter({ ...whole, split: 30 })
      await inserter.insertEvents(claim, rows, new Set(stored))
      return store.inserts.map(({ token, rows }) => [token.split(':').slice(3).join(':'), rows])
    }
    const all = [
      ['202611', 1],
      ['202612:1', 1],
      ['202611:2', 1],
    ]
    expect(await tokensWithout([])).toEqual(all)
    expect(await tokensWithout([10])).toEqual(all.slice(1))
    expect(await tokensWithout([10, 11])).toEqual(all.slice(2))
  })
})
