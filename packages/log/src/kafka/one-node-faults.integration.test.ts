import { Kafka, logLevel } from 'kafkajs'
import { describe, expect, it, vi } from 'vitest'
import { delay } from '@millrace/runtime'
import type { Log } from '../log.ts'
import { kafkaUnavailable, startKafka } from '../testing.ts'
import { aborted, aName, FaultBench, numbered, numberedTexts, textsAt, waitMsMax } from './fault-bench.ts'
import { openKafkaLog } from './kafka-log.ts'

const missing = await kafkaUnavailable({ faults: true })
vi.setConfig({ testTimeout: 90_000 })

describe.skipIf(missing !== undefined)(missing ?? 'one Kafka node with faults', () => {
  const bench = new FaultBench(() => startKafka({ faults: true }))

  it('writes nothing twice and loses nothing when the node freezes for 5 s with a batch out', async () => {
    const warnings: string[] = []
    const log = await bench.open({ requestTimeoutMs: 1_000, onWarning: (message) => warnings.push(message) })
    const topic = await bench.topic(log, { partitions: 2 })
    const appender = await log.appender()
    const acknowledged = [...(await appender.append(numbered(topic, 0, 10)))]
    const [node] = bench.kafka.nodes
    await node!.freeze()
    const outstanding = appender.append(numbered(topic, 10, 10))
    await delay(5_000)
    node!.thaw()
    acknowledged.push(...(await outstanding), ...(await appender.append(numbered(topic, 20, 10))))
    expect(warnings.join()).toMatch(/Produce.* timed out/) // it was sent again
    expect(await bench.readTexts(log, topic, 2)).toEqual(textsAt(acknowledged))
    expect(acknowledged).toHaveLength(30)
  })

  it('refuses the commit of a member that was frozen past its session', async () => {
    const log = await bench.open()
    const topic = await bench.topic(log, { partitions: 1 })
    const groupId = aName('group')
    const options = { brokers: bench.brokers, groupId, topic, sessionTimeoutMs: 2_000 }
    const frozen = bench.fork(options)
    expect(await frozen.next()).toEqual({ owned: 0 })
    frozen.child.kill('SIGSTOP')
    const successor = log.consumer(options)
    const running = successor.run(async (assignment) => {
      await assignment.commit({ offset: 7, metadata: 'from the successor' })
      await aborted(assignment.signal)
    })
    await bench.eventually(async () => {
      expect((await log.committed(groupId, topic)).get(0)?.offset).toBe(7)
    })
    frozen.child.kill('SIGCONT')
    frozen.child.send(3)
    expect(await frozen.next()).toEqual({ committed: 'PartitionLostError' })
    expect((await log.committed(groupId, topic)).get(0)).toEqual({
      offset: 7,
      metadata: 'from the successor',
    })
    await successor.drain()
    await running
  })

  it('says so when retention has passed the committed offset, and leaves what was committed', async () => {
    const log = await bench.open()
    const topic = await bench.topic(log, { partitions: 1, retentionMs: 1_000 })
    const groupId = aName('group')
    const appender = await log.appender()
    await appender.append(numbered(topic, 0, 10).map((record) => ({ ...record, partition: 0 })))
    await runOnce(log, { groupId, topic }, (assignment) => assignment.commit({ offset: 4, metadata: 'mine' }))
    await bench.eventually(async () => {
      const [marks] = await log.watermarks(topic)
      expect(marks!.low).toBeGreaterThan(4)
    })
    await runOnce(log, { groupId, topic }, async (assignment) => {
      const fetching = assignment.fetch({ recordsMax: 10, waitMsMax })
      await expect(fetching).rejects.toMatchObject({ name: 'LogError', code: 'OFFSET_OUT_OF_RANGE' })
    })
    expect((await log.committed(groupId, topic)).get(0)).toEqual({ offset: 4, metadata: 'mine' })
  })

  it('stays in its group while the node is frozen for less than a session, and goes on', async () => {
    const log = await bench.open()
    const topic = await bench.topic(log, { partitions: 2 })
    const groupId = aName('group')
    const reader = bench.read(log, { groupId, topic, sessionTimeoutMs: 9_000 })
    const appender = await log.appender()
    const acknowledged = [...(await appender.append(numbered(topic, 0, 20)))]
    await bench.eventually(() => expect(reader.texts).toHaveLength(20))
    const [node] = bench.kafka.nodes
    await node!.freeze()
    await delay(3_000)
    node!.thaw()
    acknowledged.push(...(await appender.append(numbered(topic, 20, 20))))
    await bench.eventually(() => expect(reader.texts.toSorted()).toEqual(numberedTexts(0, 40)))
    expect(reader.assignments).toBe(2)
    await reader.stop()
  })

  it('uses little processor time when idle', async () => {
    const log = await bench.open()
    const topic = await bench.topic(log, { partitions: 4 })
    const appender = await log.appender()
    const reader = bench.read(log, { groupId: aName('group'), topic })
    await appender.append(numbered(topic, 0, 4))
    await bench.eventually(() => expect(reader.texts).toHaveLength(4))
    const before = process.cpuUsage()
    await delay(4_000)
    const { user, system } = process.cpuUsage(before)
    await reader.stop()
    expect((user + system) / 4_000_000).toBeLessThan(0.06)
  })

  it('drains at once while it waits for its group', async () => {
    const log = await bench.open()
    const topic = await bench.topic(log, { partitions: 1 })
    const groupId = aName('group')
    const release = new AbortController()
    const owner = log.consumer({ groupId, topic, revokeMsMax: waitMsMax })
    let revoked = false
    const owning = owner.run(async (assignment) => {
      await aborted(assignment.signal)
      revoked = true
      await aborted(release.signal)
      await assignment.commit({ offset: 0, metadata: 'in time' })
    })
    await bench.eventually(async () => expect(await isGroupOf(bench.brokers, groupId, 1)).toBe(true))
    const waiting = log.consumer({ groupId, topic })
    const running = waiting.run(() => Promise.reject(new Error('it never owns anything')))
    await bench.eventually(() => expect(revoked).toBe(true))
    const startedAt = performance.now()
    await waiting.drain()
    await running
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    release.abort()
    await bench.eventually(async () =>
      expect((await log.committed(groupId, topic)).get(0)?.metadata).toBe('in time'),
    )
    await owner.drain()
    await owning
  })

  it('rejects its run for a topic that is not there', async () => {
    const log = await bench.open()
    const running = log
      .consumer({ groupId: aName('group'), topic: aName('missing') })
      .run(() => Promise.resolve())
    await expect(running).rejects.toMatchObject({ name: 'LogError', code: 'UNKNOWN_TOPIC' })
  })

  it('says so when no node answers', async () => {
    await expect(
      openKafkaLog({ brokers: ['127.0.0.1:1'], clientId: 'nobody', connectMsMax: 500 }),
    ).rejects.toMatchObject({
      name: 'LogError',
      code: 'LOG_UNAVAILABLE',
      retriable: true,
    })
  })
})

async function runOnce(
  log: Log,
  place: { groupId: string; topic: string },
  work: (assignment: Parameters<Parameters<ReturnType<Log['consumer']>['run']>[0]>[0]) => Promise<void>,
): Promise<void> {
  const consumer = log.consumer(place)
  await consumer.run(async (assignment) => {
    try {
      await work(assignment)
    } finally {
      void consumer.drain()
    }
  })
}

async function isGroupOf(brokers: string[], groupId: string, members: number): Promise<boolean> {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  const { groups } = await admin.describeGroups([groupId])
  await admin.disconnect()
  return groups[0]?.state === 'Stable' && groups[0].members.length === members
}
