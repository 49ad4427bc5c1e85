import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest'
import type { MemberMessage, MemberProcessOptions } from '../kafka-broker/member-process.ts'
import type { KafkaCluster } from '../kafka-broker/kafka-cluster.ts'
import type { Log, LogRecord, Position } from '../log.ts'
import { openKafkaLog, type KafkaLogOptions } from './kafka-log.ts'

/** The longest that anything a fault test waits for may take. */
export const waitMsMax = 60_000
const dayMs = 86_400_000

/** A cluster for one suite, logs that are closed after each test, and what the tests wait for. */
export class FaultBench {
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
    if (this.#kafka === undefined) throw new Error('the cluster is not started yet')
    return this.#kafka
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

export function aName(kind: string): string {
  return `faults-${kind}-${randomBytes(6).toString('hex')}`
}

/** Records `n-from` and on, dealt out over the partitions in turn. */
export function numbered(topic: string, from: number, count: number, partitions = 2) {
  return Array.from({ length: count }, (_, index) => ({
    topic,
    partition: (from + index) % partitions,
    key: null,
    value: Buffer.from(`n-${from + index}`),
  }))
}

export function numberedTexts(from: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `n-${from + index}`).toSorted()
}

/** What each partition must hold, at exactly these offsets, when the n-th acknowledged record is `n-n`. */
export function textsAt(acknowledged: readonly Position[]): string[][] {
  const texts: string[][] = []
  acknowledged.forEach(({ partition, offset }, n) => {
    texts[partition] ??= []
    texts[partition][offset] = `n-${n}`
  })
  return texts
}

export function textOf({ value }: LogRecord): string {
  return value.toString()
}

export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
