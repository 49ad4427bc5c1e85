import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Backlog } from './import-backlog.ts'
import { awaitBacklog, ImportFlow, type ImportFlowOptions } from './import-flow.ts'

const noSignal = new AbortController().signal

function aFlow(changes: Partial<ImportFlowOptions> = {}): ImportFlow {
  return new ImportFlow({
    backlog: () => Promise.resolve({ raw: 0, enriched: 0 }),
    rate: undefined,
    backlogRecordsMax: 100,
    lookEveryRecords: 10,
    signal: noSignal,
    pollMs: 10,
    stallMsMax: 1_000,
    now: () => performance.now(),
    ...changes,
  })
}

describe('ImportFlow', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  /** Milliseconds until the promise settles. */
  const timeOf = async (work: Promise<unknown>): Promise<number> => {
    const startedAt = performance.now()
    let took: number | undefined
    const settled = work.finally(() => (took = performance.now() - startedAt))
    settled.catch(() => undefined)
    while (took === undefined) await vi.advanceTimersByTimeAsync(10)
    return took
  }

  it('lets no more through than the rate, and makes up for no pause with a burst', async () => {
    const flow = aFlow({ rate: 100 })
    const times: number[] = []
    const sendThree = async (): Promise<void> => {
      const startedAt = performance.now()
      for (let chunk = 0; chunk < 3; chunk++) {
        await flow.room(10)
        times.push(performance.now() - startedAt)
      }
    }
    await timeOf(sendThree())
    await vi.advanceTimersByTimeAsync(60_000)
    await timeOf(sendThree())
    expect(times).toEqual([0, 100, 200, 0, 100, 200])
  })

  it('waits while too many records wait for the services', async () => {
    const backlogs: Backlog[] = [
      { raw: 90, enriched: 20 },
      { raw: 0, enriched: 101 },
      { raw: 0, enriched: 100 },
    ]
    const flow = aFlow({ backlog: () => Promise.resolve(backlogs.shift() ?? { raw: 0, enriched: 0 }) })
    expect(await timeOf(flow.room(9))).toBe(0)
    expect(backlogs.length).toBe(3)
    expect(await timeOf(flow.room(1))).toBe(20)
    expect(backlogs.length).toBe(0)
  })

  it('gives up when nothing becomes less', async () => {
    const waiting = awaitBacklog(() => Promise.resolve({ raw: 7, enriched: 5 }), 10, {
      signal: noSignal,
      pollMs: 10,
      stallMsMax: 1_000,
      now: () => performance.now(),
    })
    expect(await timeOf(waiting)).toBeGreaterThan(1_000)
    await expect(waiting).rejects.toThrow('7 records wait for the enricher and 5 for the sink')
  })

  it('waits on while it becomes less, however slowly', async () => {
    let records = 20
    const waiting = awaitBacklog(
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 900))
        return { raw: records--, enriched: 0 }
      },
      0,
      { signal: noSignal, pollMs: 10, stallMsMax: 1_000, now: () => performance.now() },
    )
    expect(await timeOf(waiting)).toBeGreaterThan(18_000)
  })

  it('waits no longer when it is stopped', async () => {
    const stopping = new AbortController()
    const flow = aFlow({ backlog: () => Promise.resolve({ raw: 500, enriched: 0 }), signal: stopping.signal })
    setTimeout(() => stopping.abort(), 50)
    expect(await timeOf(flow.room(10))).toBeLessThanOrEqual(60)
  })
})
