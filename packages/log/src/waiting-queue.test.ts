import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import type { AppendRecord } from './log.ts'
import { WaitingQueue, type Waiting } from './waiting-queue.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const aRecord: AppendRecord = { topic: 't', partition: 0, key: null, value: Buffer.alloc(1) }

function aCaller(): Waiting {
  const answers = { resolve: () => undefined, reject: () => undefined }
  return { records: [aRecord], bytes: 1, expiresAt: 0, isAnswered: false, goesAlone: false, ...answers }
}

/** By itself, so that no variable of the caller still holds what was taken. */
function takeOne(queue: WaitingQueue): WeakRef<Waiting>[] {
  return queue.take({ recordsMax: 1, bytesMax: 1 }).map((waiting) => new WeakRef(waiting))
}

it('lets go of who is taken, though it is never empty', async () => {
  const queue = new WaitingQueue()
  for (let caller = 0; caller < 10; caller++) queue.push(aCaller())
  const taken = [takeOne(queue), takeOne(queue), takeOne(queue)].flat()
  queue.removeFirst()
  await new Promise(setImmediate) // a WeakRef holds its target until the end of the turn
  collectGarbage()
  expect(taken.map((waiting) => waiting.deref())).toEqual([undefined, undefined, undefined])
  expect(queue.isEmpty).toBe(false)
})
