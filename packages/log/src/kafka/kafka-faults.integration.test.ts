import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { delay } from '@millrace/runtime'
import type { Log, LogRecord, Position } from '../log.ts'
import type { MemberMessage, MemberProcessOptions } from '../kafka-broker/member-process.ts'
import { kafkaUnavailable, startKafka, type KafkaCluster } from '../testing.ts'
import { openKafkaLog, type KafkaLogOptions } from './kafka-log.ts'

const missing = await kafkaUnavailable({ faults: true })
const waitMsMax = 60_000
vi.setConfig({ testTimeout: 90_000 })
const dayMs = 86_400_000

/** A cluster for one suite, logs that are closed after each test, and what the tests wait for. */
class FaultBench {
  #kafka: KafkaCluster | undefined
  readonly #cleanups: (() => unknown)[] = []

  constructor(start: () => Promise<KafkaCluster>) {
    beforeAll(async () => {
      this.#kafka = await start()
    })
    afterEach(async () => {
      for (const cleanup of this.#cleanups.splice(0).toReversed()) await cleanup()
    })
    afterAll(() => this.#kafka?.close())
  }

  get kafka(): KafkaCluster {
    return this.#kafka!
  }

  get brokers(): string[] {
    return this.kafka.brokers.split(',')
  }

  async open(options: Partial<KafkaLogOptions> = {}): Promise<Log> {
    const log = await openKafkaLog({ brokers: this.brokers, clientId: 'faults', ...options })
    this.#cleanups.push(() => log.close())
    return log
  }

  async topic(
    log: Log,
    {
      partitions,
      retentionMs = dayMs,
      replicationFactor = 1,
    }: { partitions: number; retentionMs?: number; replicationFactor?: number },
  ): Promise<string> {
    const topic = aName('topic')
    await log.createTopics([{ topic, partitions, retentionMs, replicationFactor }])
    return topic
  }

  eventually<T>(check: () => T | Promise<T>): Promise<T> {
    return vi.waitFor(check, { timeout: waitMsMax, interval: 50 })
  }

  /** A member that collects texts, and commits after each fetch. */
  read(log: Log, options: { groupId: string; topic: string; sessionTimeoutMs?: number }) {
    const texts: string[] = []
    const seen = { assignments: 0 }
    const consumer = log.consumer(options)
    const running = consumer.run(async (assignment) => {
      seen.assignments++
      while (!assignment.signal.aborted) {
        const records = await assignment.fetch({ recordsMax: 100, waitMsMax: 500 })
        const last = records.at(-1)
        if (last === undefined) continue
        // Handed on only with the commit: what a lost commit leaves is the next owner's to repeat.
        await assignment.commit({ offset: last.offset + 1, metadata: '' })
        texts.push(...records.map(textOf))
      }
    })
    running.catch(() => undefined)
    return {
      texts,
      get assignments() {
        return seen.assignments
      },
      async stop() {
        await consumer.drain()
        await running
      },
    }
  }

  /** The texts of every partition, read without a group. */
  async readTexts(log: Log, topic: string, partitions: number): Promise<string[][]> {
    return Promise.all(
      Array.from({ length: partitions }, async (_, partition) => {
        const texts: string[] = []
        const onRecord = (record: LogRecord): void => {
          texts[record.offset] = textOf(record)
        }
        const following = await log.follow({
          topic,
          partition,
          onRecord,
          onError: (error) => expect(error).toBe(undefined),
        })
        await following.stop()
        return texts
      }),
    )
  }

  fork(options: MemberProcessOptions) {
    const path = fileURLToPath(new URL('../kafka-broker/member-process.ts', import.meta.url))
    const execArgv = ['--conditions=source', '--import', 'tsx']
    const child = fork(path, [JSON.stringify(options)], { execArgv, stdio: 'inherit' })
    this.#cleanups.push(() => child.kill('SIGKILL'))
    const messages: MemberMessage[] = []
    child.on('message', (message) => messages.push(message as MemberMessage))
    const next = () =>
      this.eventually(() => {
        expect(messages.length).toBeGreaterThan(0)
        return messages.shift()
      })
    return { child, next }
  }
}

describe.skipIf(missing !== undefined)(missing ?? 'one Kafka node with faults', () => {
  const bench = new FaultBench(() => startKafka({ faults: true }))

  it('writes nothing twice and loses nothing when the node freezes for 5 s with a batch out', async () => {
    const warnings: string[] = []
    const log = await bench.open({ requestTimeoutMs: 1_000, onWarning: (message) => warnings.push(message) })
    const topic = await bench.topic(log, { partitions: 2 })
    const appender = await log.appender()
    const acknowledged = [...(await appender.append(numbered(topic, 0, 10)))]
    const [node] = bench.kafka.nodes
    node!.freeze()
    const outstanding = appender.append(numbered(topic, 10, 10))
    await delay(5_000)
    node!.thaw()
    acknowledged.push(...(await outstanding), ...(await appender.append(numbered(topic, 20, 10))))
    expect(warnings.join()).toMatch(/timed out|Closed|Connection/i)
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
    node!.freeze()
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

describe.skipIf(missing !== undefined)(missing ?? 'three Kafka nodes with faults', () => {
  const bench = new FaultBench(() => startKafka({ brokers: 3, faults: true }))

  it(
    'loses and repeats nothing acknowledged when leaders and the coordinator are killed in turn',
    { timeout: 120_000 },
    async () => {
      const log = await bench.open({ requestTimeoutMs: 3_000, appendMsMax: 40_000 })
      const topic = await bench.topic(log, { partitions: 3, replicationFactor: 3 })
      const reader = bench.read(log, { groupId: aName('group'), topic, sessionTimeoutMs: 20_000 })
      const appender = await log.appender()
      const acknowledged: Position[] = []
      const append = async (rounds: number): Promise<void> => {
        for (let round = 0; round < rounds; round++) {
          acknowledged.push(...(await appender.append(numbered(topic, acknowledged.length, 30, 3))))
          await delay(10)
        }
      }
      await append(20)
      for (const node of bench.kafka.nodes) {
        const appending = append(40)
        await node.kill()
        await appending
        await node.start()
        await append(5)
      }
      await bench.eventually(() => expect(new Set(reader.texts).size).toBe(acknowledged.length))
      await reader.stop()
      expect(reader.texts).toHaveLength(acknowledged.length)
      expect(await bench.readTexts(log, topic, 3)).toEqual(textsAt(acknowledged))
    },
  )

  it(
    'rejects an append while too few copies are there, and takes it when they are back',
    { timeout: 60_000 },
    async () => {
      const log = await bench.open({ requestTimeoutMs: 2_000, appendMsMax: 3_000 })
      const topic = await bench.topic(log, { partitions: 1, replicationFactor: 3 })
      const appender = await log.appender()
      const one = (text: string) => ({ topic, partition: 0, key: null, value: Buffer.from(text) })
      await appender.append([one('before')])
      const [first, second] = bench.kafka.nodes
      await Promise.all([first!.kill(), second!.kill()])
      await expect(appender.append([one('during')])).rejects.toMatchObject({
        name: 'LogError',
        code: 'LOG_UNAVAILABLE',
        retriable: true,
      })
      await Promise.all([first!.start(), second!.start()])
      await bench.eventually(() => appender.append([one('after')]))
      const texts = await bench.readTexts(log, topic, 1)
      expect(texts[0]![0]).toBe('before')
      expect(texts[0]!.at(-1)).toBe('after')
    },
  )
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

function aName(kind: string): string {
  return `faults-${kind}-${randomBytes(6).toString('hex')}`
}

/** Records `n-from` and on, dealt out over the partitions in turn. */
function numbered(topic: string, from: number, count: number, partitions = 2) {
  return Array.from({ length: count }, (_, index) => ({
    topic,
    partition: (from + index) % partitions,
    key: null,
    value: Buffer.from(`n-${from + index}`),
  }))
}

function numberedTexts(from: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `n-${from + index}`).toSorted()
}

/** What each partition must hold, at exactly these offsets, when the n-th acknowledged record is `n-n`. */
function textsAt(acknowledged: readonly Position[]): string[][] {
  const texts: string[][] = []
  acknowledged.forEach(({ partition, offset }, n) => {
    texts[partition] ??= []
    texts[partition][offset] = `n-${n}`
  })
  return texts
}

function textOf({ value }: LogRecord): string {
  return value.toString()
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
