import { LogError } from '@millrace/log'
import { delay } from '@millrace/runtime'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  diskMoods,
  eventOf,
  logMoods,
  ModelDisk,
  ModelLog,
  ModelProducer,
  untilDone,
  type DiskMood,
  type LogMood,
  type ModelEvent,
} from './outage-model.ts'

type Step =
  | { readonly do: 'send'; readonly counts: readonly number[] }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'log'; readonly mood: LogMood }
  | { readonly do: 'disk'; readonly mood: DiskMood }
  | { readonly do: 'kill' | 'restart' | 'connect' }

/** On the model's clock. */
const settleMsMax = 600_000
const lateMsMax = 60_000

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'],
  })
})
afterEach(() => vi.useRealTimers())

/** Runs the steps, then lets everything be well again, and waits until nothing is left to do. */
async function run(steps: readonly Step[], seed: number) {
  const chance = chanceFrom(seed)
  const log = new ModelLog(chance)
  const disk = new ModelDisk(chance)
  const acknowledged: ModelEvent[] = []
  const refused: unknown[] = []
  let runs = 0
  const start = () => new ModelProducer(++runs, disk)
  let producer = start()
  producer.connect(log)
  const send = async (count: number): Promise<void> => {
    try {
      const { events, places } = await producer.send(count, chance)
      acknowledged.push(...events)
      const there = places.map(({ partition, offset }) => eventOf(log.partitions[partition]![offset]!))
      expect(there).toEqual(places.length === 0 ? [] : events)
    } catch (error) {
      if (!(error instanceof LogError)) throw error // unhandled: it fails the test
      refused.push(error)
    }
  }
  for (const step of steps) {
    if (step.do === 'send') for (const count of step.counts) void send(count)
    else if (step.do === 'wait') await untilDone(delay(step.ms))
    else if (step.do === 'log') log.mood = step.mood
    else if (step.do === 'disk') disk.mood = step.mood
    else if (step.do === 'connect') producer.connect(log)
    else {
      if (step.do === 'kill') producer.kill()
      else await untilDone(producer.stop())
      producer = start()
      if (chance() < 0.5) producer.connect(log)
    }
  }
  log.mood = 'takes'
  disk.mood = 'takes'
  producer.connect(log)
  for (let ms = 0; !producer.isAtRest; ms += 500) {
    if (ms > settleMsMax) throw new Error('the producer does not come to rest')
    await untilDone(delay(500))
  }
  await untilDone(delay(lateMsMax)) // what ended producers had sent has arrived by then
  return { log, acknowledged, refused }
}

/** Numbers from 0 to 1 (mulberry32). */
function chanceFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const name = ({ producer, partition, sequence }: ModelEvent) => `${producer}-${partition}-${sequence}`

function expectKept({ log, acknowledged }: Awaited<ReturnType<typeof run>>): void {
  expect(log.appendsAtOnce).toBe(0)
  const promised = new Set(acknowledged.map(name))
  const kept: string[] = []
  for (const partition of log.partitions.keys()) {
    const stored = log.stored(partition).filter((event) => promised.has(name(event)))
    kept.push(...stored.map(name))
    const inOrder = stored.toSorted((a, b) => a.producer - b.producer || a.sequence - b.sequence)
    expect(stored.map(name)).toEqual(inOrder.map(name))
  }
  expect(kept.toSorted()).toEqual([...promised].toSorted())
}

const sends = fc.record({
  do: fc.constant('send' as const),
  counts: fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 10 }),
})
const waits = fc.record({
  do: fc.constant('wait' as const),
  ms: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 3_000 })),
})
const logTrouble = fc.record({ do: fc.constant('log' as const), mood: fc.constantFrom(...logMoods) })
const diskTrouble = fc.record({ do: fc.constant('disk' as const), mood: fc.constantFrom(...diskMoods) })
const ends = fc.record({ do: fc.constantFrom('kill' as const, 'restart' as const, 'connect' as const) })
const seeds = fc.integer()

describe('spilling, whatever fails', () => {
  it('loses nothing that it acknowledged, doubles nothing, and keeps each partition in its order', async () => {
    const step = fc.oneof(
      { arbitrary: sends, weight: 6 },
      { arbitrary: waits, weight: 6 },
      { arbitrary: logTrouble, weight: 3 },
      { arbitrary: diskTrouble, weight: 1 },
      { arbitrary: ends, weight: 1 },
    )
    const plan = fc.array(step, { minLength: 5, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(plan, seeds, async (steps, seed) => {
        expectKept(await run(steps, seed))
      }),
      { numRuns: 300 },
    )
  }, 120_000)

  it('refuses nothing, whatever the log does, as long as the disk takes it', async () => {
    const step = fc.oneof(
      { arbitrary: sends, weight: 2 },
      { arbitrary: waits, weight: 2 },
      { arbitrary: logTrouble, weight: 1 },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), seeds, async (steps, seed) => {
        const outcome = await run(steps, seed)
        expect(outcome.refused).toEqual([])
        expectKept(outcome)
      }),
      { numRuns: 100 },
    )
  }, 120_000)
})
