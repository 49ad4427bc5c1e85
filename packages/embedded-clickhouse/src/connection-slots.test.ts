import { describe, expect, it } from 'vitest'
import { ConnectionSlots } from './connection-slots.ts'
import { defaultLimits } from './engine-options.ts'
import type { ResultPipe } from './result-pipes.ts'

const never = new AbortController().signal

function slotsOf(count: number, limits: Partial<ReturnType<typeof defaultLimits>> = {}): ConnectionSlots {
  const open: ResultPipe['open'] = () => {
    throw new Error('no pipe in this test')
  }
  const pipes = Array.from({ length: count }, (_, index) => ({ path: String(index), open }))
  return new ConnectionSlots(pipes, { ...defaultLimits(0), readonlyConnectionsMax: count, ...limits })
}

describe('ConnectionSlots', () => {
  it('hands each pipe to one statement at a time, in order of asking', async () => {
    const slots = slotsOf(1)
    const order: string[] = []
    const first = await slots.take(false, never)
    const second = slots.take(false, never).then((slot) => {
      order.push('second')
      return slot
    })
    const third = slots.take(false, never).then(() => order.push('third'))
    expect(order).toEqual([])
    first.release()
    first.release()
    ;(await second).release()
    await third
    expect(order).toEqual(['second', 'third'])
  })

  it('keeps places that read-only users cannot take', async () => {
    const slots = slotsOf(2, { readonlyConnectionsMax: 1, queueWaitMsMax: 5 })
    await slots.take(true, never)
    await expect(slots.take(true, never)).rejects.toMatchObject({ code: 202, status: 503 })
    await expect(slots.take(false, never)).resolves.toBeDefined()
  })

  it('refuses one more than may wait', async () => {
    const slots = slotsOf(1, { queuedQueriesMax: 0 })
    await slots.take(false, never)
    await expect(slots.take(false, never)).rejects.toMatchObject({ code: 202 })
  })

  it('lets a client that went away out of the queue', async () => {
    const slots = slotsOf(1)
    const held = await slots.take(false, never)
    const gone = new AbortController()
    const waiting = slots.take(false, gone.signal)
    gone.abort()
    await expect(waiting).rejects.toMatchObject({ code: 394 })
    held.release()
    await slots.whenIdle()
  })
})
