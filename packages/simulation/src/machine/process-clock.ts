import type { Scheduler } from './scheduler.ts'
import type { SimulatedProcess, Task } from './simulated-process.ts'

/** A timer of a simulated process; as Node's, it can be referenced and refreshed, to no effect here. */
class SimulatedTimer {
  task: Task | undefined

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  hasRef(): boolean {
    return true
  }
}

type Callback = (...args: unknown[]) => void

/**
 * Gives simulated processes their time and chance: while one makes its step, timers, clocks and `Math.random` are those
 * of the run. Code outside of every process, the test runner for one, has the real ones all along.
 * @returns puts the real ones back
 */
export function installProcessClock(scheduler: Scheduler): () => void {
  const real = { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate }
  const realNow = Date.now
  const realRandom = Math.random
  const monotonic = performance.now.bind(performance)
  const clear = (cleared: (timer: never) => void) => (timer: unknown) => {
    if (!(timer instanceof SimulatedTimer)) cleared(timer as never)
    else if (timer.task !== undefined) scheduler.cancel(timer.task)
  }
  Object.assign(globalThis, {
    setTimeout: (callback: Callback, ms = 0, ...args: unknown[]) => {
      const { current } = scheduler
      if (current === undefined) return real.setTimeout(callback, ms, ...args)
      return timerOf(scheduler, current, { callback: () => callback(...args), ms, repeats: false })
    },
    setInterval: (callback: Callback, ms = 0, ...args: unknown[]) => {
      const { current } = scheduler
      if (current === undefined) return real.setInterval(callback, ms, ...args)
      return timerOf(scheduler, current, { callback: () => callback(...args), ms, repeats: true })
    },
    setImmediate: (callback: Callback, ...args: unknown[]) => {
      const { current } = scheduler
      if (current === undefined) return real.setImmediate(callback, ...args)
      return timerOf(scheduler, current, { callback: () => callback(...args), ms: 0, repeats: false })
    },
    clearTimeout: clear(real.clearTimeout),
    clearInterval: clear(real.clearInterval),
    clearImmediate: clear(real.clearImmediate),
  })
  Date.now = () => {
    const { current } = scheduler
    return current === undefined ? realNow() : Math.floor(scheduler.now + current.clockSkewMs)
  }
  const now = () => (scheduler.current === undefined ? monotonic() : scheduler.now)
  Object.defineProperty(performance, 'now', { value: now, configurable: true, writable: true })
  Math.random = () => (scheduler.current === undefined ? realRandom() : scheduler.random.next())
  return () => {
    Object.assign(globalThis, real)
    Date.now = realNow
    Reflect.deleteProperty(performance, 'now')
    Math.random = realRandom
  }
}

function timerOf(
  scheduler: Scheduler,
  owner: SimulatedProcess,
  {
    callback,
    ms,
    repeats,
  }: { readonly callback: () => void; readonly ms: number; readonly repeats: boolean },
): SimulatedTimer {
  const timer = new SimulatedTimer()
  const arm = () => {
    timer.task = scheduler.after(
      ms,
      () => {
        if (repeats) arm()
        callback()
      },
      { owner, kind: 'timer' },
    )
  }
  arm()
  return timer
}
