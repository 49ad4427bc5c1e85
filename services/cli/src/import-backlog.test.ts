import { topics } from '@millrace/events'
import type { Log } from '@millrace/log'
import { describe, expect, it } from 'vitest'
import { BacklogWatch } from './import-backlog.ts'

/** Ends and committed offsets of one partition per topic and group. */
function aLog(high: Record<string, number>, committed: Record<string, number>) {
  const log: Pick<Log, 'watermarks' | 'committed'> = {
    watermarks: (topic) => Promise.resolve([{ partition: 0, low: 2, high: high[topic] ?? 2 }]),
    committed: (group) => {
      const offset = committed[group]
      return Promise.resolve(new Map(offset === undefined ? [] : [[0, { offset, metadata: '' }]]))
    },
  }
  return log
}

describe('BacklogWatch', () => {
  it('counts what no group has settled, from the first retained record where it never committed', async () => {
    const log = aLog(
      { [topics.raw]: 10, [topics.enriched]: 9, [topics.deadLetter]: 3 },
      { 'millrace.enricher': 7 },
    )
    expect(await new BacklogWatch(log, 'millrace').all()).toEqual({ raw: 3, enriched: 7 + 1 })
  })

  it('asks the groups of its own database', async () => {
    const log = aLog({ [topics.enriched]: 9 }, { 'millrace.sink': 9, 'millrace.sink.other': 4 })
    expect(await new BacklogWatch(log, 'other').all()).toEqual({ raw: 0, enriched: 5 })
  })

  it('follows what is there now to its row, and nothing that comes later', async () => {
    const high = { [topics.raw]: 10, [topics.enriched]: 9, [topics.deadLetter]: 2 }
    const committed = { 'millrace.enricher': 8, 'millrace.sink': 9 }
    const unstored = await new BacklogWatch(aLog(high, committed), 'millrace').untilNow()
    high[topics.raw] = 20
    expect(await unstored()).toEqual({ raw: 2, enriched: 0 })
    committed['millrace.enricher'] = 11
    high[topics.enriched] = 12
    expect(await unstored()).toEqual({ raw: 0, enriched: 3 })
    committed['millrace.sink'] = 11
    high[topics.enriched] = 30
    expect(await unstored()).toEqual({ raw: 0, enriched: 1 })
    committed['millrace.sink'] = 12
    expect(await unstored()).toEqual({ raw: 0, enriched: 0 })
  })
})
