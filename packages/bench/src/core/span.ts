import { delay } from '@millrace/runtime'
import { processUsage } from './process-usage.ts'
import type { Sample } from './sample.ts'

const pollMs = 20

/**
 * Waits while processes work a backlog off, and measures the stretch after the warm-up: from when `warmUp` events are done
 * until `total` are. Start-up, first compilation and the wait for a group's first assignment are so left out.
 * @param options.done how many are done now, counted from when this is called or before
 * @param options.pids the processes whose CPU time counts
 * @throws Error when nothing has moved for `stallMsMax`
 */
export async function measureSpan(options: {
  readonly total: number
  readonly warmUp: number
  readonly done: () => Promise<number> | number
  readonly pids: readonly number[]
  readonly stallMsMax?: number
}): Promise<Sample> {
  const { total, warmUp, done, stallMsMax = 60_000 } = options
  let first: Reading | undefined
  let residentMib = 0
  let [last, movedAt] = [-1, performance.now()]
  for (;;) {
    const reading = await read(done, options.pids)
    residentMib = Math.max(residentMib, reading.residentMib)
    if (reading.events !== last) [last, movedAt] = [reading.events, reading.at]
    if (reading.events >= warmUp) first ??= reading
    if (reading.events >= total && first !== undefined) return { ...between(first, reading), residentMib }
    if (reading.at - movedAt > stallMsMax) throw new Error(`${last} of ${total} are done, and no more come`)
    await delay(pollMs)
  }
}

interface Reading {
  readonly at: number
  readonly events: number
  readonly cpuSeconds: number
  readonly residentMib: number
}

async function read(done: () => Promise<number> | number, pids: readonly number[]): Promise<Reading> {
  const events = await done()
  const at = performance.now()
  const usages = pids.map(processUsage)
  return {
    at,
    events,
    cpuSeconds: usages.reduce((sum, usage) => sum + usage.cpuSeconds, 0),
    residentMib: usages.reduce((sum, usage) => sum + usage.residentMib, 0),
  }
}

function between(first: Reading, last: Reading): Sample {
  return {
    events: last.events - first.events,
    seconds: (last.at - first.at) / 1000,
    cpuSeconds: last.cpuSeconds - first.cpuSeconds,
  }
}
