/**
 * A process for tests: a member of a group that prints what it does. Told `hold`, it commits only when told `commit`;
 * told `drain` on its standard input, it leaves.
 */
import { createInterface } from 'node:readline'
import type { Assignment } from '../log.ts'
import { PartitionLostError } from '../log-error.ts'
import { openEmbeddedLog } from './embedded-log.ts'

const [directory = '', topic = '', sessionTimeoutMs = '', mode = 'work'] = process.argv.slice(2)

const log = await openEmbeddedLog({ directory, bytesMax: 2 ** 30, diskFreeBytesMin: 0 })
const consumer = log.consumer({ groupId: 'group', topic, sessionTimeoutMs: Number(sessionTimeoutMs) })
const held: Assignment[] = []
const say = (line: string): boolean => process.stdout.write(`${line}\n`)

createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'drain') void leave()
  if (line === 'commit') void Promise.all(held.map(commitLate))
})
await consumer.run(async (assignment) => {
  say(`owns ${assignment.partition}`)
  await (mode === 'hold' ? hold(assignment) : work(assignment))
})

async function work(assignment: Assignment): Promise<void> {
  while (!assignment.signal.aborted) {
    const records = await assignment.fetch({ recordsMax: 50, waitMsMax: 1_000 })
    for (const { offset, value } of records) {
      say(`got ${assignment.partition} ${offset} ${value.toString().replace(/\.+$/, '')} ${Date.now()}`)
    }
    const last = records.at(-1)
    if (last !== undefined) await assignment.commit({ offset: last.offset + 1, metadata: '' })
  }
}

async function hold(assignment: Assignment): Promise<void> {
  held.push(assignment)
  await new Promise((ended) => assignment.signal.addEventListener('abort', ended))
}

async function commitLate(assignment: Assignment): Promise<void> {
  try {
    await assignment.commit({ offset: 0, metadata: 'by the frozen one' })
    say('committed')
  } catch (error) {
    say(error instanceof PartitionLostError ? 'lost' : String(error))
  }
}

async function leave(): Promise<void> {
  await consumer.drain()
  say('left')
  await log.close()
  process.exit(0)
}
