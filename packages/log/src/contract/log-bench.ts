import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { delay } from '@millrace/runtime'
import type { AppendRecord, Log, LogRecord, Position } from '../log.ts'
import type { ContractLimits } from './limits.ts'
import { RecordingMember, type MemberOptions } from './recording-member.ts'

/** One log, which several clients can open at once. */
export interface LogUnderTest {
  open(): Promise<Log>
  close(): Promise<void>
  /** Makes the log forget a partition's records before the offset, as retention would. Without it one test is skipped. */
  removeBefore?(topic: string, partition: number, offset: number): Promise<void>
}

const defaultLimits: ContractLimits = { stepMsMax: 10_000, sessionTimeoutMs: 6_000, revokeMsMax: 3_000 }

/** What the suites share: the log, its clients, members that are drained and clients that are closed after each test. */
export class LogBench {
  readonly limits: ContractLimits
  #log: LogUnderTest | undefined
  readonly #clients: Log[] = []
  readonly #members: RecordingMember[] = []

  constructor(makeLog: () => Promise<LogUnderTest>, limits: Partial<ContractLimits>) {
    this.limits = { ...defaultLimits, ...limits }
    beforeAll(async () => {
      this.#log = await makeLog()
    })
    afterEach(async () => {
      const draining = this.#members.splice(0).map((member) => this.inTime('a drain', member.drain()))
      await Promise.allSettled(draining)
      await Promise.all(this.#clients.splice(0).map((client) => this.inTime('a close', client.close())))
    })
    afterAll(async () => {
      await this.#log?.close()
    })
  }

  get log(): LogUnderTest {
    if (this.#log === undefined) throw new Error('the log is not made yet')
    return this.#log
  }

  async client(): Promise<Log> {
    const client = await this.log.open()
    this.#clients.push(client)
    return client
  }

  /** A client, and a topic of its own. */
  async topic(partitions: number): Promise<{ client: Log; topic: string }> {
    const client = await this.client()
    const topic = aName('topic')
    await client.createTopics([{ topic, partitions, retentionMs: 86_400_000, replicationFactor: 1 }])
    return { client, topic }
  }

  /** A member that is drained after the test, on a client of its own unless one is given. */
  async member(options: Omit<MemberOptions, 'log' | 'limits'> & { log?: Log }): Promise<RecordingMember> {
    const log = options.log ?? (await this.client())
    const member = new RecordingMember({ ...options, log, limits: this.limits })
    this.#members.push(member)
    return member
  }

  /** Repeats the check until it does not throw; the last error is thrown under the name of the wait. */
  async eventually(name: string, check: () => unknown): Promise<void> {
    const deadline = performance.now() + this.limits.stepMsMax
    for (;;) {
      try {
        await check()
        return
      } catch (cause) {
        if (performance.now() > deadline) {
          throw new Error(`${name}: not within ${this.limits.stepMsMax} ms: ${String(cause)}`, { cause })
        }
      }
      await delay(10)
    }
  }

  /** The promise's outcome, or an error that names it when it takes longer than one step may. */
  async inTime<T>(name: string, promise: Promise<T>): Promise<T> {
    const stop = new AbortController()
    const late = delay(this.limits.stepMsMax, stop.signal).then(() => {
      if (!stop.signal.aborted) throw new Error(`${name}: not within ${this.limits.stepMsMax} ms`)
    })
    try {
      return await Promise.race([promise, late.then(() => promise)])
    } finally {
      stop.abort()
    }
  }
}

export function aName(kind: string): string {
  return `contract-${kind}-${randomBytes(6).toString('hex')}`
}

/** Records whose values are `text-from`, `text-(from+1)`, ... dealt out over the partitions in turn. */
export function someRecords(
  topic: string,
  {
    count,
    partitions = 1,
    from = 0,
    text = 'v',
  }: { count: number; partitions?: number; from?: number; text?: string },
): AppendRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    topic,
    partition: index % partitions,
    key: Buffer.from(`k-${index % partitions}`),
    value: Buffer.from(`${text}-${from + index}`),
  }))
}

export async function appendAll(client: Log, records: readonly AppendRecord[]): Promise<readonly Position[]> {
  const appender = await client.appender()
  try {
    return await appender.append(records)
  } finally {
    await appender.close()
  }
}

export function textsOf(records: readonly LogRecord[]): string[] {
  return records.map(({ value }) => value.toString())
}

export function offsetsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index)
}
