import type { Subscriber } from '@millrace/protocols'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { subscriberKey } from './subscriber-key.ts'
import { SubscriberLookup, type LookupResult } from './subscriber-lookup.ts'
import { Subscribers } from './subscribers.ts'

const aSubscriber = (changes: Partial<Subscriber> = {}): Subscriber => ({
  site: 'example.com',
  listId: 94,
  emailHash: 'a'.repeat(64),
  ...changes,
})
const numbered = (number: number) => aSubscriber({ emailHash: String(number).padStart(64, '0') })

/** A lookup whose queries are answered by hand. */
function aLookup(limits: Partial<ConstructorParameters<typeof SubscriberLookup>[0]['limits']> = {}) {
  const queries: {
    readonly asked: readonly Subscriber[]
    readonly answer: (stored: readonly Subscriber[]) => void
    readonly fail: () => void
  }[] = []
  const results: LookupResult[] = []
  const troubles: string[] = []
  const lookup = new SubscriberLookup({
    ask: (asked) =>
      new Promise((resolve, reject) => {
        queries.push({
          asked,
          answer: (stored) => {
            resolve(new Set(stored.map(subscriberKey)))
          },
          fail: () => {
            reject(new Error('gone'))
          },
        })
      }),
    onAnswer: (result) => results.push(result),
    onTrouble: (why) => troubles.push(why),
    now: Date.now,
    limits: { deadlineMs: 500, batchMax: 100, waitingMax: 1_000, pauseMs: 2_000, ...limits },
  })
  return { lookup, queries, results, troubles }
}

/** Lets what is settled go on. */
const turn = () => vi.advanceTimersByTimeAsync(0)

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('the lookup of subscribers', () => {
  it('asks once for all who come at the same time, and then for all who came meanwhile', async () => {
    const { lookup, queries, results } = aLookup()
    const first = [lookup.find(numbered(1)), lookup.find(numbered(2)), lookup.find(numbered(1))]
    await turn()
    const second = [lookup.find(numbered(3)), lookup.find(numbered(4))]
    await turn()
    expect(queries.map(({ asked }) => asked.length)).toEqual([2])
    queries[0]?.answer([numbered(2)])
    expect(await Promise.all(first)).toEqual([false, true, false])
    await turn()
    expect(queries[1]?.asked).toEqual([numbered(3), numbered(4)])
    queries[1]?.answer([])
    expect(await Promise.all(second)).toEqual([false, false])
    expect(results.toSorted()).toEqual(['found', 'not_found', 'not_found', 'not_found', 'not_found'])
  })

  it('asks for so many at a time', async () => {
    const { lookup, queries } = aLookup({ batchMax: 2 })
    const found = [1, 2, 3].map((number) => lookup.find(numbered(number)))
    await turn()
    queries[0]?.answer([])
    await turn()
    queries[1]?.answer([])
    await Promise.all(found)
    expect(queries.map(({ asked }) => asked.length)).toEqual([2, 1])
  })

  it('says nothing after the deadline', async () => {
    const { lookup, queries, results } = aLookup()
    const found = lookup.find(numbered(1))
    await vi.advanceTimersByTimeAsync(499)
    expect(results).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(await found).toBeUndefined()
    expect(results).toEqual(['unanswered'])
    queries[0]?.answer([])
  })

  it('says nothing beyond what may wait', async () => {
    const { lookup, queries } = aLookup({ waitingMax: 1 })
    const asked = lookup.find(numbered(1))
    await turn()
    const waits = lookup.find(numbered(2))
    expect(await lookup.find(numbered(3))).toBeUndefined()
    queries[0]?.answer([])
    await turn()
    queries[1]?.answer([])
    expect(await Promise.all([asked, waits])).toEqual([false, false])
  })

  it('says nothing to all who wait when a query fails, and asks again after a pause', async () => {
    const { lookup, queries, troubles } = aLookup()
    const asked = lookup.find(numbered(1))
    await turn()
    const waits = lookup.find(numbered(2))
    queries[0]?.fail()
    expect(await Promise.all([asked, waits])).toEqual([undefined, undefined])
    expect(troubles).toEqual(['gone'])
    expect(await lookup.find(numbered(3))).toBeUndefined()
    expect(queries).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(2_000)
    const again = lookup.find(numbered(4))
    await turn()
    queries[1]?.answer([numbered(4)])
    expect(await again).toBe(true)
  })
})

describe('subscribers', () => {
  const asked = (isStored: boolean | undefined) => {
    const find = vi.fn(() => Promise.resolve(isStored))
    return { find, subscribers: new Subscribers({ lookup: { find } }) }
  }

  it('are new until they are seen, and one of several at once is told so', async () => {
    const { subscribers } = asked(false)
    const strangers = await Promise.all([1, 2, 3].map(() => subscribers.isKnown(aSubscriber())))
    expect(strangers).toEqual([false, false, false])
    expect([1, 2, 3].map(() => subscribers.see(aSubscriber()))).toEqual([true, false, false])
    expect(await subscribers.isKnown(aSubscriber())).toBe(true)
  })

  it('are not known for having been asked after', async () => {
    const { subscribers } = asked(false)
    await subscribers.isKnown(aSubscriber())
    expect(await subscribers.isKnown(aSubscriber())).toBe(false)
  })

  it.each([{ site: 'other.example' }, { listId: 95 }, { emailHash: 'b'.repeat(64) }])(
    'seen are not those with another %j',
    async (changes) => {
      const { subscribers } = asked(false)
      subscribers.see(aSubscriber())
      expect(await subscribers.isKnown(aSubscriber(changes))).toBe(false)
    },
  )

  it('that ClickHouse has are known, and remembered', async () => {
    const { subscribers, find } = asked(true)
    expect(await subscribers.isKnown(aSubscriber())).toBe(true)
    expect(await subscribers.isKnown(aSubscriber())).toBe(true)
    expect(find).toHaveBeenCalledTimes(1)
  })

  it('are told from memory alone while ClickHouse says nothing', async () => {
    const { subscribers } = asked(undefined)
    expect(await subscribers.isKnown(aSubscriber())).toBe(false)
    subscribers.see(aSubscriber())
    expect(await subscribers.isKnown(aSubscriber())).toBe(true)
  })

  it('are remembered up to a number, the longest unseen forgotten first', async () => {
    const find = vi.fn(() => Promise.resolve(false))
    const subscribers = new Subscribers({ lookup: { find }, rememberedMax: 2 })
    subscribers.see(numbered(1))
    subscribers.see(numbered(2))
    expect(await subscribers.isKnown(numbered(1))).toBe(true)
    subscribers.see(numbered(3))
    const known = await Promise.all([1, 2, 3].map((number) => subscribers.isKnown(numbered(number))))
    expect(known).toEqual([true, false, true])
  })
})
