import {
  LogError,
  type AppendRecord,
  type CommittedPosition,
  type ConsumerOptions,
  type FollowOptions,
  type Log,
  type LogAppender,
  type LogConsumer,
  type LogRecord,
  type Position,
  type RecordPlace,
  type TopicSpec,
  type Watermarks,
} from '@millrace/log'
import { assert, delay, isRetriable } from '@millrace/runtime'
import type { LogConnection } from './log-connection.ts'
import { SimulatedConsumer } from './simulated-consumer.ts'

const sessionTimeoutMsDefault = 30_000
const revokeMsMaxDefault = 10_000
const recordBytesMax = 1_000_000
const followRecordsMax = 1_000
const followWaitMs = 500
const retryDelayMs = 100

/** The log as one process has it: every call goes over the simulated network. */
export class SimulatedLog implements Log {
  readonly #connection: LogConnection
  #consumers = 0

  constructor(connection: LogConnection) {
    this.#connection = connection
  }

  async createTopics(topics: readonly TopicSpec[]): Promise<void> {
    for (const spec of topics) await this.#connection.look(({ broker }) => broker.createTopic(spec))
  }

  partitionCount(topic: string): Promise<number> {
    return this.#connection.look(({ broker }) => broker.partitions(topic).length)
  }

  watermarks(topic: string): Promise<readonly Watermarks[]> {
    return this.#connection.watermarks(topic)
  }

  committed(groupId: string, topic: string): Promise<ReadonlyMap<number, CommittedPosition>> {
    return this.#connection.committed(groupId, topic)
  }

  appender(): Promise<LogAppender> {
    return Promise.resolve(new SimulatedAppender(this.#connection))
  }

  consumer(options: ConsumerOptions): LogConsumer {
    const { groupId, topic } = options
    this.#consumers++
    const memberId = `${this.#connection.process.name}${this.#consumers === 1 ? '' : `/${this.#consumers}`}`
    return new SimulatedConsumer(this.#connection, {
      groupId,
      topic,
      memberId,
      sessionTimeoutMs: options.sessionTimeoutMs ?? sessionTimeoutMsDefault,
      revokeMsMax: options.revokeMsMax ?? revokeMsMaxDefault,
    })
  }

  async follow(options: FollowOptions): Promise<{ stop(): Promise<void> }> {
    const { topic, partition } = options
    const stopping = new AbortController()
    const marks = await this.#persist(() => this.#connection.watermarks(topic))
    const { low = 0, high = 0 } = marks[partition] ?? {}
    let next = low
    while (next < high) next = await this.#pass(options, next, 0)
    const tailing = (async () => {
      while (!stopping.signal.aborted) next = await this.#pass(options, next, followWaitMs, stopping.signal)
    })()
    tailing.catch(options.onError)
    return {
      stop: async () => {
        stopping.abort()
        await tailing.catch(() => undefined)
      },
    }
  }

  read({ topic, partition, offset }: RecordPlace): Promise<LogRecord | undefined> {
    return this.#connection.look(({ broker }) => {
      const log = broker.partition(topic, partition)
      return offset < log.low ? undefined : log.records[offset]
    })
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  /** Passes the next records on. @returns where to go on */
  async #pass(
    options: FollowOptions,
    from: number,
    waitMsMax: number,
    signal?: AbortSignal,
  ): Promise<number> {
    const { topic, partition, onRecord } = options
    const wanted = { topic, partition, from, recordsMax: followRecordsMax, waitMsMax }
    const { records } = await this.#persist(() => this.#connection.fetch(wanted))
    for (const record of records) if (signal?.aborted !== true) onRecord(record)
    return (records.at(-1)?.offset ?? from - 1) + 1
  }

  async #persist<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    for (;;) {
      try {
        return await question()
      } catch (error) {
        if (!isRetriable(error)) throw error
        await delay(retryDelayMs)
      }
    }
  }
}

/** Appends each partition's share by a request of its own, so that one may be written and another not. */
class SimulatedAppender implements LogAppender {
  readonly #connection: LogConnection
  #isAppending = false

  constructor(connection: LogConnection) {
    this.#connection = connection
  }

  async append(records: readonly AppendRecord[]): Promise<readonly Position[]> {
    assert(!this.#isAppending, 'an append was called while another had not settled')
    this.#isAppending = true
    try {
      return await this.#append(records)
    } finally {
      this.#isAppending = false
    }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  async #append(records: readonly AppendRecord[]): Promise<readonly Position[]> {
    if (records.some(({ value }) => value.length > recordBytesMax)) {
      throw new LogError('a record is too large', { code: 'RECORD_TOO_LARGE', retriable: false })
    }
    const shares = sharesOf(records)
    const appended = await Promise.allSettled(
      shares.map(({ indexes, ...place }) => {
        const own = indexes.flatMap((index) => records[index] ?? [])
        return this.#connection.append(place, own)
      }),
    )
    const positions = new Array<Position>(records.length)
    for (const [index, { partition, indexes }] of shares.entries()) {
      const outcome = appended[index]
      if (outcome?.status !== 'fulfilled') throw outcome?.reason as Error
      indexes.forEach((at, n) => {
        positions[at] = { partition, offset: outcome.value + n }
      })
    }
    return positions
  }
}

interface Share {
  readonly topic: string
  readonly partition: number
  readonly indexes: number[]
}

function sharesOf(records: readonly AppendRecord[]): Share[] {
  const shares = new Map<string, Share>()
  records.forEach(({ topic, partition }, index) => {
    const key = `${topic} ${partition}`
    const share = shares.get(key)
    if (share === undefined) shares.set(key, { topic, partition, indexes: [index] })
    else share.indexes.push(index)
  })
  return [...shares.values()]
}
