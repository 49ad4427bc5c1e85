import { delay } from '@millrace/runtime'
import { processUsage } from './process-usage.ts'
import type { Sample } from './sample.ts'

const pollMs = 20
const stallMsMax = 60_000

export interface SpanOptions {
  readonly total: number
  /** So many done, and the measurement begins. */
  readonly warmUp: number
  /** How many are done now, from the start of the work. */
  readonly done: () => Promise<number> | number
  /** The processes that are measured, together. */
  readonly pids: readonly number[]
  /** The engine that works for it; counted since the call, and told apart. */
  readonly enginePid?: number
}

/**
 * Waits while processes work a backlog off, and measures the stretch after the warm-up: from when `warmUp` events are done
 * until `total` are. Start-up, first compilation and the wait for a group's first assignment are so left out. Work that is
 * over before its warm-up was seen is measured from the call on.
 * @throws Error when nothing has moved for a minute
 */
export async function measureSpan(options: SpanOptions): Promise<Sample> {
  const { total, warmUp, done } = options
  let first = { ...read(options), events: 0 }
  let isWarm = warmUp === 0
  let residentMib = 0
  let [last, movedAt] = [-1, performance.now()]
  for (;;) {
    const events = await done()
    const reading = { ...read(options), events }
    residentMib = Math.max(residentMib, reading.residentMib)
    if (events !== last) [last, movedAt] = [events, reading.at]
    if (events >= total) return { ...between(first, reading), residentMib }
    if (events >= warmUp && !isWarm) [first, isWarm] = [reading, true]
    if (reading.at - movedAt > stallMsMax) throw new Error(`${last} of ${total} are done, and no more come`)
    await delay(pollMs)
  }
}

interface Reading {
  readonly at: number
  readonly events: number
  readonly ownCpuSeconds: number
  readonly engineCpuSeconds: number | undefined
  readonly residentMib: number
}

function read({ pids, enginePid }: SpanOptions): Omit<Reading, 'events'> {
  const own = pids.map(processUsage)
  return {
    at: performance.now(),
    ownCpuSeconds: own.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    engineCpuSeconds: enginePid === undefined ? undefined : processUsage(enginePid).cpuSeconds,
    residentMib: own.reduce((sum, usage) => sum + usage.residentMib, 0),
  }
}

function between(first: Reading, last: Reading): Sample {
  const own = last.ownCpuSeconds - first.ownCpuSeconds
  const span = { events: last.events - first.events, seconds: (last.at - first.at) / 1000 }
  if (first.engineCpuSeconds === undefined || last.engineCpuSeconds === undefined)
    return { ...span, cpuSeconds: own }
  const engine = last.engineCpuSeconds - first.engineCpuSeconds
  return { ...span, cpuSeconds: own + engine, ownCpuSeconds: own }
}
