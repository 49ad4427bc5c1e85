import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { describe, expect, it, vi } from 'vitest'
import { aTemporaryEmbeddedLog } from './temporary-log.ts'

const topic = 'events'
const waitMsMax = 20_000

describe('an embedded log shared by threads', () => {
  it('goes on, with every acknowledged record, when a thread ends in the middle of its appends', async () => {
    const { log, directory, remove } = await aTemporaryEmbeddedLog()
    await log.createTopics([{ topic, partitions: 2, retentionMs: 86_400_000 }])
    const appender = await log.appender()
    const append = (text: string) =>
      appender.append([{ topic, partition: 0, key: null, value: Buffer.from(text) }])
    const acknowledged: string[] = []
    for (let round = 0; round < 5; round++) {
      const thread = startAppending(directory, `t${round}`)
      await vi.waitFor(() => expect(thread.lines().length).toBeGreaterThan(50), { timeout: waitMsMax })
      await append(`main-${round}`)
      await thread.worker.terminate()
      acknowledged.push(...thread.lines())
      await append(`main-after-${round}`)
    }
    const present = new Set<string>()
    for (const partition of [0, 1]) {
      const following = await log.follow({
        topic,
        partition,
        onRecord: ({ offset, value }) =>
          present.add(`${partition} ${offset} ${value.toString().replace(/\.+$/, '')}`),
        onError: (error) => expect.fail(String(error)),
      })
      await following.stop()
    }
    expect(acknowledged.filter((line) => !present.has(line))).toEqual([])
    expect([...present].filter((record) => record.includes('main-'))).toHaveLength(10)
    await remove()
  }, 60_000)
})

function startAppending(directory: string, name: string): { worker: Worker; lines: () => string[] } {
  const script = fileURLToPath(new URL('appending-process.ts', import.meta.url))
  const worker = new Worker(
    `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(script)}) })`,
    { eval: true, argv: [directory, topic, name], stdout: true, execArgv: ['--conditions=source'] },
  )
  let text = ''
  worker.stdout.on('data', (data) => (text += String(data)))
  return { worker, lines: () => text.split('\n').slice(0, -1) }
}
