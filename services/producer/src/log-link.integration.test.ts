import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeRawEvent, topics, type RawEvent } from '@millrace/events'
import { aRawEvent } from '@millrace/events/testing'
import { LogError, openEmbeddedLog, type AppendRecord, type Log } from '@millrace/log'
import { Metrics, type Logger } from '@millrace/runtime'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { limits } from './config.ts'
import { InternalEvents } from './internal-events.ts'
import { LogLink } from './log-link.ts'
import { Spill } from './spill/store.ts'

const partitions = 4
const waitMsMax = 10_000

/** A log on this disk that is reached as if it were elsewhere. */
class DistantLog {
  mood: 'takes' | 'refuses' | 'hangs' = 'takes'
  isReachable = true
  readonly #hanging: (() => void)[] = []
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  here(): Promise<Log> {
    return openEmbeddedLog({ directory: this.#directory, bytesMax: 2 ** 28, diskFreeBytesMin: 0 })
  }

  /** Those that hang are carried out now. */
  comeBack(): void {
    this.mood = 'takes'
    this.isReachable = true
    for (const goOn of this.#hanging.splice(0)) goOn()
  }

  async open(): Promise<Log> {
    const trouble = new LogError('no node answers', { code: 'LOG_UNAVAILABLE', retriable: true })
    if (!this.isReachable) throw trouble
    const log = await this.here()
    const open = log.appender.bind(log)
    return Object.assign(log, {
      appender: async () => {
        const appender = await open()
        return {
          append: async (records: readonly AppendRecord[]) => {
            if (this.mood === 'refuses') throw trouble
            if (this.mood === 'hangs') await new Promise<void>((resolve) => this.#hanging.push(resolve))
            return appender.append(records)
          },
          close: () => appender.close(),
        }
      },
    })
  }
}

let root: string
let distant: DistantLog
const links: LogLink[] = []
const lines: string[] = []

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'millrace-link-'))
  distant = new DistantLog(join(root, 'log'))
})
afterEach(async () => {
  distant.comeBack()
  for (const link of links.splice(0)) await link.close()
  rmSync(root, { recursive: true, force: true })
  lines.splice(0)
})

const createTopic = async (count = partitions) => {
  const log = await distant.here()
  await log.createTopics([{ topic: topics.raw, partitions: count, retentionMs: 3_600_000 }])
  await log.close()
}

async function aLink(changes: { producerId?: string; bytesMax?: number } = {}) {
  const write = (_: object, line: string) => lines.push(line)
  const logger = { info: write, warn: write, error: write } as unknown as Logger
  const metrics = new Metrics()
  const internalEvents: InternalEvents = new InternalEvents({
    logger,
    metrics,
    backlogFill: () => 0,
    spilled: () => link.spill,
  })
  const store = await Spill.open({
    root: join(root, 'spill'),
    bytesMax: changes.bytesMax ?? 2 ** 28,
    diskFreeBytesMin: 0,
    writeMsMax: waitMsMax,
    leftBehindAfterMs: 0,
    onTaken: (error) => {
      throw error
    },
    onUnreadable: (error) => internalEvents.spillTrouble(error),
  })
  const link: LogLink = new LogLink({
    openLog: () => distant.open(),
    internalEvents: () => internalEvents,
    onGivenUp: (error) => {
      throw error
    },
    ...(changes.producerId === undefined ? {} : { producerId: changes.producerId }),
    spill: { store, afterMs: 400 },
    limits: {
      ...limits,
      backlogEventsMax: 1_000,
      backlogBytesMax: 10_000_000,
      appendDeadlineMs: 4_000,
      connectDelayMsMin: 20,
      connectDelayMsMax: 20,
      drainDelayMs: 20,
      spillCloseMsMax: 300,
      leftBehindLookMs: 50,
    },
  })
  links.push(link)
  return { link, metricsText: () => metrics.registry.metrics() }
}

/** Sends the events numbered from..to, each of a visitor of its own; @returns how many have a place in the log */
async function send(link: LogLink, from: number, to: number): Promise<number> {
  const { eventLog } = link
  if (eventLog === undefined) throw new Error('the link takes no events')
  const places = []
  for (let n = from; n < to; n++) {
    const event = aRawEvent({ name: `e${String(n)}`, ip: `10.0.0.${String(n % 200)}` })
    places.push(eventLog.append([eventLog.records.make(event)]))
  }
  return (await Promise.all(places)).flat().length
}

/** By partition, without what the enricher passes over as repeats. */
async function stored(count = partitions): Promise<RawEvent[][]> {
  const log = await distant.here()
  const found: RawEvent[][] = []
  for (let partition = 0; partition < count; partition++) {
    const last = new Map<string, number>()
    const events: RawEvent[] = []
    const onRecord = ({ value }: { value: Buffer }): void => {
      const event = decodeRawEvent(value)
      const isRepeat = event.producerSequence <= (last.get(event.producerId) ?? 0)
      last.set(event.producerId, Math.max(event.producerSequence, last.get(event.producerId) ?? 0))
      if (!isRepeat) events.push(event)
    }
    const onError = (error: unknown): void => {
      throw error
    }
    const following = await log.follow({ topic: topics.raw, partition, onRecord, onError })
    await following.stop()
    found.push(events)
  }
  await log.close()
  return found
}

const number = ({ name }: RawEvent) => Number(name.slice(1))
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)

/** Every event from 0 to the count is there once, each partition's in the order they were sent in. */
async function expectStored(count: number): Promise<void> {
  const byPartition = (await stored()).map((events) => events.map(number))
  for (const numbers of byPartition) expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  expect(byPartition.flat().toSorted((a, b) => a - b)).toEqual(upTo(count))
}

const untilDirect = (link: LogLink) =>
  vi.waitFor(() => {
    expect(link.spill?.stage).toBe('direct')
  }, waitMsMax)
const directories = () => readdirSync(join(root, 'spill')).filter((name) => /^\d+$/.test(name))

describe('the link to a log that is away', () => {
  it.each(['refuses', 'hangs'] as const)(
    'keeps events while it %s, and brings them there once and in order when it is back',
    async (mood) => {
      await createTopic()
      const { link, metricsText } = await aLink()
      await link.whenPrompt(waitMsMax)
      expect(await send(link, 0, 50)).toBe(50)
      expect([link.spill, directories()]).toEqual([{ stage: 'direct', fill: 0, length: 0 }, []])
      distant.mood = mood
      expect(await send(link, 50, 100)).toBe(0)
      expect(await send(link, 100, 300)).toBe(0)
      expect(link.spill).toMatchObject({ stage: 'spilling', length: 250 })
      expect(await metricsText()).toContain('millrace_spill_records 250')
      distant.comeBack()
      await send(link, 300, 400)
      await untilDirect(link)
      expect(await send(link, 400, 450)).toBe(50)
      await expectStored(450)
      await vi.waitFor(() => {
        expect(directories()).toEqual([])
      }, waitMsMax)
      const text = await metricsText()
      const drained = Number(/^millrace_spill_drained_total (\d+)/m.exec(text)?.[1])
      expect(text).toContain(`millrace_events_spilled_total ${String(drained)}`)
      expect(text).toContain('millrace_spill_fill_ratio 0')
      expect(lines.filter((line) => !line.startsWith('what was spilled waits'))).toEqual([
        expect.stringMatching(/^events go to the disk for now: (no node answers|the log does not answer)$/),
        'the log has all that was spilled, and gets new events again',
      ])
    },
  )

  it('goes through many short outages under load without refusing an event', async () => {
    await createTopic()
    const { link, metricsText } = await aLink()
    await link.whenPrompt(waitMsMax)
    let sent = 0
    for (let outage = 0; outage < 15; outage++) {
      distant.mood = outage % 2 === 0 ? 'refuses' : 'hangs'
      await send(link, sent, (sent += 30))
      distant.comeBack()
      await Promise.all([send(link, sent, (sent += 30)), send(link, sent, (sent += 30))])
      await untilDirect(link)
      await send(link, sent, (sent += 30))
    }
    await untilDirect(link)
    await expectStored(sent)
    expect(await metricsText()).toMatch(/^millrace_events_spilled_total [1-9]\d{2,}$/m)
  })

  it('takes events when it starts while the log is away, if its partitions were ever seen', async () => {
    await createTopic()
    const { link: first } = await aLink()
    await first.whenPrompt(waitMsMax)
    await first.close()
    distant.isReachable = false
    const { link } = await aLink()
    expect(await send(link, 0, 20)).toBe(0)
    distant.comeBack()
    await untilDirect(link)
    await expectStored(20)
  })

  it('takes none when it starts while the log is away and was never seen', async () => {
    distant.isReachable = false
    const { link } = await aLink()
    await link.whenPrompt(50)
    expect([link.eventLog, link.spill]).toEqual([undefined, undefined])
  })

  it('brings what an earlier run left to the log before its own', async () => {
    await createTopic()
    const { link: first } = await aLink()
    await first.whenPrompt(waitMsMax)
    distant.mood = 'refuses'
    await send(first, 0, 100)
    await first.close()
    expect(lines.at(-1)).toBe('events stay on the disk for the next start')
    const { link: second } = await aLink()
    await send(second, 100, 150)
    distant.comeBack()
    await untilDirect(second)
    await send(second, 150, 200)
    await expectStored(200)
  })

  it('ends in time while the log hangs, and loses nothing by it', async () => {
    await createTopic()
    const { link: first } = await aLink()
    await first.whenPrompt(waitMsMax)
    distant.mood = 'hangs'
    await send(first, 0, 20)
    const startedAt = performance.now()
    await first.close()
    expect(performance.now() - startedAt).toBeLessThan(3_000)
    distant.mood = 'takes'
    const { link: second } = await aLink()
    await untilDirect(second)
    await expectStored(20)
  })

  it('drains what it can when it ends', async () => {
    await createTopic()
    const { link } = await aLink()
    await link.whenPrompt(waitMsMax)
    distant.mood = 'refuses'
    await send(link, 0, 100)
    distant.comeBack()
    await link.close()
    await expectStored(100)
    expect(existsSync(join(root, 'spill', '0'))).toBe(false)
  })

  it('takes over what another producer of the directory left when it ended', async () => {
    await createTopic()
    const { link: first } = await aLink({ producerId: 'first' })
    const { link: second } = await aLink({ producerId: 'second' })
    await Promise.all([first.whenPrompt(waitMsMax), second.whenPrompt(waitMsMax)])
    distant.mood = 'refuses'
    await send(first, 0, 50)
    await first.close()
    distant.comeBack()
    await vi.waitFor(async () => {
      expect((await stored()).flat()).toHaveLength(50)
    }, waitMsMax)
    await untilDirect(second)
    await send(second, 50, 60)
    await expectStored(60)
  })

  it('answers with the log’s trouble when the disk is full too, and never takes what neither has', async () => {
    await createTopic()
    const { link } = await aLink({ bytesMax: 20_000 })
    await link.whenPrompt(waitMsMax)
    distant.mood = 'refuses'
    const { eventLog } = link
    let taken = 0
    let refused: unknown
    while (refused === undefined) {
      await eventLog!
        .append([eventLog!.records.make(aRawEvent({ name: `e${String(taken)}` }))])
        .then(() => taken++)
        .catch((error: unknown) => (refused = error))
    }
    expect(refused).toMatchObject({ code: 'APPEND_DEADLINE_PASSED', retriable: true })
    expect([link.appendTrouble, link.spill?.stage]).toEqual(['appends fail', 'spilling'])
    expect(link.spill?.fill).toBeGreaterThan(0.8)
    distant.comeBack()
    await untilDirect(link)
    await expectStored(taken)
  })

  it.each([
    ['more', 8],
    ['fewer', 2],
  ])('loses and doubles nothing when the topic has %s partitions after the outage', async (_, count) => {
    await createTopic()
    const { link: first } = await aLink()
    await first.whenPrompt(waitMsMax)
    distant.mood = 'refuses'
    await send(first, 0, 100)
    await first.close()
    distant.isReachable = false
    const { link: second } = await aLink()
    await send(second, 100, 150)
    const assumed = second.producerId
    rmSync(join(root, 'log'), { recursive: true })
    await createTopic(count)
    distant.comeBack()
    await untilDirect(second)
    expect(second.producerId).not.toBe(assumed)
    await send(second, 150, 200)
    const numbers = (await stored(count)).flat().map(number)
    expect(numbers.toSorted((a, b) => a - b)).toEqual(upTo(200))
  })
})
