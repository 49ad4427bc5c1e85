import { describe, expect, it } from 'vitest'
import { processUsage, secondsOf } from './process-usage.ts'

describe('the use of a process', () => {
  it('grows by the CPU time that is spent', () => {
    const before = processUsage(process.pid)
    const [cpu, from] = [process.cpuUsage(), performance.now()]
    while (performance.now() - from < 5_000) if (process.cpuUsage(cpu).user > 300_000) break
    const after = processUsage(process.pid)
    expect(after.cpuSeconds - before.cpuSeconds).toBeGreaterThan(0.25)
    expect(after.privateMib).toBeGreaterThan(10)
    expect(after.residentMib).toBeGreaterThanOrEqual(after.privateMib)
  })

  it.each([
    ['0:01.50', 1.5],
    ['12:30', 750],
    ['01:02:03', 3_723],
    ['2-00:00:01', 172_801],
  ])('reads the time %s of ps', (time, seconds) => expect(secondsOf(time)).toBe(seconds))
})
