import { assert, delay } from '@millrace/runtime'
import { LogError } from '../log-error.ts'
import type { AppendRecord, LogAppender, Position } from '../log.ts'
import type { KafkaClient } from './client.ts'
import type { Compression } from './compression.ts'
import { groupBy } from './group-by.ts'
import { isPassing, KafkaProtocolError, protocolTypeOf, unavailable, unknownTopic } from './kafka-error.ts'
import { planRounds, type RoundBatch } from './produce-rounds.ts'
import { ProducerSession } from './producer-session.ts'
import { encodeBatch } from './record-batch.ts'
import { produce, type PartitionBatch, type ProducedBatch } from './requests.ts'

export interface AppenderOptions {
  readonly compression: Compression
  /** How long one call tries before it rejects. */
  readonly appendMsMax: number
  /** How long the broker may wait for its replicas. */
  readonly requestTimeoutMs: number
}

/** `max.message.bytes` is 1,048,588 by default and limits the compressed batch; this is before compression. */
const batchBytesMax = 900_000
const roundBytesMax = 16_000_000
/** A value above it is refused before anything is sent. */
export const recordBytesMax = 1_000_000
const retryDelayMs = 100
const tooLarge: ReadonlySet<string | undefined> = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'])

/** A batch as it is sent and sent again: the same bytes under the same producer id and sequence. */
interface PendingBatch extends PartitionBatch {
  readonly round: RoundBatch
}

/**
 * Appends with one request outstanding for a partition, so that a repeat carries the sequence of the first try and the
 * broker drops it when it has it.
 *
 * kafkajs's own idempotent producer is not safe enough, even when it is used serially: with several brokers it starts
 * its retry while another broker's request is still out, and sends that one's records again under new sequences (written
 * twice); and when a partition's new leader has already answered for others, it sends nothing to it and reports success
 * (lost). Both read in `src/producer/sendMessages.js` of 2.2.4. So this sends its own produce requests.
 */
export class KafkaAppender implements LogAppender {
  readonly #client: KafkaClient
  readonly #options: AppenderOptions
  #session: ProducerSession | undefined
  #isAppending = false

  constructor(client: KafkaClient, options: AppenderOptions) {
    this.#client = client
    this.#options = options
  }

  /** Gets a producer id, so that the first append need not. @throws LogError `LOG_UNAVAILABLE` */
  async open(): Promise<void> {
    this.#session = await this.#newSession()
  }

  async append(records: readonly AppendRecord[]): Promise<readonly Position[]> {
    assert(!this.#isAppending, 'an append was called while another had not settled')
    this.#isAppending = true
    try {
      const deadline = Date.now() + this.#options.appendMsMax
      this.#refuseTooLarge(records)
      await this.#knowPlaces(records)
      return await this.#appendRounds(records, deadline)
    } finally {
      this.#isAppending = false
    }
  }

  async #appendRounds(records: readonly AppendRecord[], deadline: number): Promise<readonly Position[]> {
    const positions = new Array<Position>(records.length)
    this.#session ??= await this.#newSession()
    try {
      for (const round of planRounds(records, { batchBytesMax, roundBytesMax })) {
        await this.#sendRound(this.#encode(round, this.#session), deadline, positions)
      }
    } catch (error) {
      // A broker that has some of it under these sequences would take new records for repeats, and drop them.
      this.#session = undefined
      throw error
    }
    return positions
  }

  #refuseTooLarge(records: readonly AppendRecord[]): void {
    const large = records.find(
      ({ key, value }) => value.length > recordBytesMax || (key?.length ?? 0) > keyBytesMax,
    )
    if (large === undefined) return
    const { length } = large.value
    throw new LogError(`a record of ${length} bytes is above the limit of ${recordBytesMax}`, {
      code: 'RECORD_TOO_LARGE',
      retriable: false,
    })
  }

  async #knowPlaces(records: readonly AppendRecord[]): Promise<void> {
    for (const [topic, own] of groupBy(records, (record) => record.topic)) {
      await this.#client.knowTopic(topic, { msMax: this.#options.appendMsMax })
      const leaders = this.#client.leaders(topic)
      const unknown = own.find(({ partition }) => !leaders.has(partition))
      if (unknown !== undefined) throw unknownTopic(`${topic}-${unknown.partition}`)
    }
  }

  #encode(round: readonly RoundBatch[], session: ProducerSession): readonly PendingBatch[] {
    const timestamp = Date.now()
    const { compression } = this.#options
    return round.map((own) => {
      const { topic, partition, records } = own
      const { producerId, producerEpoch } = session
      const baseSequence = session.take(topic, partition, records.length)
      const batch = encodeBatch(
        { records, timestamp, compression },
        { producerId, producerEpoch, baseSequence },
      )
      return { topic, partition, batch, round: own }
    })
  }

  /** Sends until all are acknowledged; what failed for a reason that passes goes again, to its leader of then. */
  async #sendRound(round: readonly PendingBatch[], deadline: number, positions: Position[]): Promise<void> {
    let pending = round
    for (;;) {
      const { acknowledged, trouble } = await this.#sendOnce(pending)
      for (const [{ round: own }, baseOffset] of acknowledged) {
        own.indexes.forEach((index, n) => {
          positions[index] = { partition: own.partition, offset: baseOffset + n }
        })
      }
      pending = pending.filter((batch) => !acknowledged.has(batch))
      if (pending.length === 0) return
      if (!isPassing(trouble) || Date.now() > deadline) throw failureOf(trouble)
      await delay(retryDelayMs)
      await this.#client.refreshMetadata().catch(() => undefined) // the next try reports it
    }
  }

  async #sendOnce(
    pending: readonly PendingBatch[],
  ): Promise<{ acknowledged: ReadonlyMap<PendingBatch, number>; trouble: unknown }> {
    const acknowledged = new Map<PendingBatch, number>()
    let trouble: unknown
    const byLeader = groupBy(
      pending,
      ({ topic, partition }) => this.#client.leaders(topic).get(partition) ?? noLeader,
    )
    await Promise.all(
      [...byLeader].map(async ([nodeId, batches]) => {
        try {
          for (const [batch, baseOffset] of matched(batches, await this.#produce(nodeId, batches))) {
            if (typeof baseOffset === 'number') acknowledged.set(batch, baseOffset)
            else trouble = worse(trouble, baseOffset)
          }
        } catch (error) {
          trouble = worse(trouble, error)
        }
      }),
    )
    return { acknowledged, trouble }
  }

  #produce(nodeId: number, batches: readonly PendingBatch[]): Promise<readonly ProducedBatch[]> {
    if (nodeId === noLeader) throw new KafkaProtocolError('LEADER_NOT_AVAILABLE', 'the append')
    return this.#client.askNode(nodeId, (broker) => produce(broker, batches, this.#options.requestTimeoutMs))
  }

  async #newSession(): Promise<ProducerSession> {
    const msMax = this.#options.appendMsMax
    const answer = await this.#client.untilItPasses('getting a producer id', { msMax }, () =>
      this.#client.askController((broker) => broker.initProducerId({ transactionTimeout: transactionMs })),
    )
    return new ProducerSession(answer)
  }

  close(): Promise<void> {
    return this.#client.close()
  }
}

const noLeader = -1
/** Without a transactional id the broker does not look at it. */
const transactionMs = 60_000
/** A key this large with the largest value still fits a batch of the broker's default size. */
const keyBytesMax = 40_000

/** Each batch with its base offset, or what the broker said instead. */
function matched(
  batches: readonly PendingBatch[],
  produced: readonly ProducedBatch[],
): (readonly [PendingBatch, number | Error])[] {
  return batches.map((batch) => {
    const { topic, partition } = batch
    const own = produced.find((answer) => answer.topic === topic && answer.partition === partition)
    if (own?.errorType === 'NONE') return [batch, own.baseOffset]
    const type = own?.errorType ?? 'UNKNOWN'
    const error = new KafkaProtocolError(type, `${topic}-${partition}`)
    return [batch, tooLarge.has(type) ? asTooLarge(error) : error]
  })
}

/** A repeat of the call goes out under a new producer id, so what ended only this one is retriable. */
function failureOf(trouble: unknown): LogError {
  if (trouble instanceof LogError) return trouble
  const type = protocolTypeOf(trouble)
  if (type === undefined || !endsSession.has(type)) return unavailable('the append failed', trouble)
  const message = `the broker no longer accepts this producer id: ${type}`
  return new LogError(message, { code: 'LOG_UNAVAILABLE', retriable: true, cause: trouble })
}

const endsSession: ReadonlySet<string> = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'DUPLICATE_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
])

function asTooLarge(cause: Error): LogError {
  const message = `the topic's max.message.bytes is below what one batch needs (${batchBytesMax} bytes)`
  return new LogError(message, { code: 'RECORD_TOO_LARGE', retriable: false, cause })
}

/** What does not pass is told before what does. */
function worse(one: unknown, other: unknown): unknown {
  return one === undefined || isPassing(one) ? other : one
}
