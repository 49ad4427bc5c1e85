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
    probeMsMax: 20,
    probeAgeMsMax: 1_000,
    now: () => seen.now,
    ...changes,
  })
  return { readiness, seen }
}

describe('Readiness', () => {
  it('has nothing to say when the log answers and the backlog has room', async () => {
    expect(await aReadiness().readiness.notReady()).toEqual({})
  })

  it.each<[string, Partial<ReadinessOptions>, Record<string, string>]>([
    ['is not connected', { probe: () => undefined }, { log: 'not connected yet' }],
    ['refuses', { probe: () => Promise.reject(new Error('no leader')) }, { log: 'no leader' }],
    ['is silent', { probe: () => new Promise(() => undefined) }, { log: 'did not answer within 20 ms' }],
    ['takes no records', { logTrouble: () => 'appends fail' }, { log: 'appends fail' }],
    ['is too slow for the backlog', { backlogFill: () => 0.9 }, { backlog: '90 % full' }],
  ])('says so when the log %s', async (_, changes, reasons) => {
    expect(await aReadiness(changes).readiness.notReady()).toEqual(reasons)
  })

  it('says that it drains', async () => {
    const { readiness } = aReadiness()
    readiness.drain()
    expect(await readiness.notReady()).toEqual({ service: 'draining' })
  })

  it('asks the log once for many who ask, and again when the answer is old', async () => {
    const { readiness, seen } = aReadiness()
    await Promise.all([readiness.notReady(), readiness.notReady()])
    seen.now = 999
    await readiness.notReady()
    expect(seen.probes).toBe(1)
    seen.now = 1_000
    await readiness.notReady()
    expect(seen.probes).toBe(2)
  })
})
