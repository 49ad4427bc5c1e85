import { describe, expect, it } from 'vitest'
import { Readiness, type ReadinessOptions } from './readiness.ts'

function aReadiness(changes: Partial<ReadinessOptions> = {}) {
  const seen = { probes: 0, now: 0 }
  const readiness = new Readiness({
    probe: () => {
      seen.probes++
      return Promise.resolve()
    },
    logTrouble: () => undefined,
    backlogFill: () => 0,
    backlogFillMax: 0.8,
    spill: () => undefined,
    spillFillMax: 0.8,
    probeMsMax: 20,
    probeAgeMsMax: 1_000,
    now: () => seen.now,
    ...changes,
  })
  return { readiness, seen }
}

describe('Readiness', () => {
  it('has nothing to say when the log answers and the backlog has room', async () => {
    expect(await aReadiness().readiness.report()).toEqual({ reasons: {}, notes: {} })
  })

  it.each<[string, Partial<ReadinessOptions>, Record<string, string>]>([
    ['is not connected', { probe: () => undefined }, { log: 'not connected yet' }],
    ['refuses', { probe: () => Promise.reject(new Error('no leader')) }, { log: 'no leader' }],
    ['is silent', { probe: () => new Promise(() => undefined) }, { log: 'did not answer within 20 ms' }],
    ['takes no records', { logTrouble: () => 'appends fail' }, { log: 'appends fail' }],
    ['is too slow for the backlog', { backlogFill: () => 0.9 }, { backlog: '90 % full' }],
  ])('says so when the log %s', async (_, changes, reasons) => {
    expect(await aReadiness(changes).readiness.report()).toEqual({ reasons, notes: {} })
  })

  it.each<[string, string, number]>([
    ['spills', 'spilling', 0.12],
    ['brings what was spilled to the log', 'draining', 0.8],
  ])('is ready while it %s, and says so, without asking the log', async (_, stage, fill) => {
    const { readiness, seen } = aReadiness({ spill: () => ({ stage, fill }) })
    const notes = { spill: `${stage}, ${String(fill * 100)} % full` }
    expect([await readiness.report(), seen.probes]).toEqual([{ reasons: {}, notes }, 0])
  })

  it('is not ready when the disk is nearly full of what was spilled, or does not take it', async () => {
    const spill = () => ({ stage: 'spilling', fill: 0.81 })
    const { readiness } = aReadiness({ spill, logTrouble: () => 'appends fail' })
    expect(await readiness.report()).toEqual({
      reasons: { log: 'appends fail', spill: 'spilling, 81 % full' },
      notes: {},
    })
  })

  it('has nothing to say of a disk on which nothing waits', async () => {
    const { readiness } = aReadiness({ spill: () => ({ stage: 'direct', fill: 0 }) })
    expect(await readiness.report()).toEqual({ reasons: {}, notes: {} })
  })

  it('says that it drains', async () => {
    const { readiness } = aReadiness()
    readiness.drain()
    expect((await readiness.report()).reasons).toEqual({ service: 'draining' })
  })

  it('asks the log once for many who ask, and again when the answer is old', async () => {
    const { readiness, seen } = aReadiness()
    await Promise.all([readiness.report(), readiness.report()])
    seen.now = 999
    await readiness.report()
    expect(seen.probes).toBe(1)
    seen.now = 1_000
    await readiness.report()
    expect(seen.probes).toBe(2)
  })
})
