/** Produce version 7 and Fetch version 11 (Kafka 2.3 to now), encoded and decoded here; kafkajs sends the rest. */
import { Encoder, errorTypeOf, type EncodedPayload, type KafkajsBroker } from './kafkajs-internals.ts'
import { groupBy } from './group-by.ts'
import { KafkaProtocolError } from './kafka-error.ts'

const produceKey = 0
const produceVersion = 7
const fetchKey = 1
const fetchVersion = 11
/** All in-sync replicas. */
const acksAll = -1
/** What a fetch may take longer than its own wait. */
const fetchGraceMs = 5_000

export interface PartitionBatch {
  readonly topic: string
  readonly partition: number
  readonly batch: Buffer
}

export interface ProducedBatch {
  readonly topic: string
  readonly partition: number
  /** `NONE` when it was written. */
  readonly errorType: string
  readonly baseOffset: number
}

/** Sends batches to the node that leads their partitions; the answer is by partition, and never rejects for one. */
export async function produce(
  broker: KafkajsBroker,
  batches: readonly PartitionBatch[],
  timeoutMs: number,
): Promise<readonly ProducedBatch[]> {
  assertVersion(broker, { key: produceKey, version: produceVersion, name: 'Produce' })
  const answer = await broker.connectionPool.send<{ produced: readonly ProducedBatch[] }>({
    request: {
      apiKey: produceKey,
      apiVersion: produceVersion,
      apiName: 'Produce',
      encode: () => Promise.resolve(payloadOf(encodeProduce(batches, timeoutMs))),
    },
    response: {
      decode: (raw) => Promise.resolve(decodeProduced(raw)),
      parse: (data) => Promise.resolve(data),
    },
  })
  return answer.produced
}

function encodeProduce(batches: readonly PartitionBatch[], timeoutMs: number): Buffer[] {
  const topics = groupBy(batches, ({ topic }) => topic)
  return [
    int16(-1), // no transaction
    int16(acksAll),
    int32(timeoutMs),
    int32(topics.size),
    ...[...topics].flatMap(([topic, own]) => [
      text(topic),
      int32(own.length),
      ...own.flatMap(({ partition, batch }) => [int32(partition), int32(batch.length), batch]),
    ]),
  ]
}

function decodeProduced(raw: Buffer) {
  const reader = new AnswerReader(raw)
  const produced: ProducedBatch[] = []
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topic = reader.text()
    for (let partitions = reader.int32(); partitions > 0; partitions--) {
      const partition = reader.int32()
      const errorType = errorTypeOf(reader.int16())
      produced.push({ topic, partition, errorType, baseOffset: reader.int64() })
      reader.skip(8 + 8) // append time, log start
    }
  }
  return { produced, clientSideThrottleTime: reader.int32() }
}

export interface FetchPosition {
  readonly partition: number
  readonly offset: number
  /** Of compressed bytes; the first batch comes whole even when it is larger. */
  readonly bytesMax: number
}

export interface FetchLimits {
  readonly waitMsMax: number
  /** The broker answers when it has so many, or at the end of the wait. */
  readonly bytesMin: number
  readonly bytesMax: number
}

export interface FetchedPartition {
  readonly partition: number
  readonly errorType: string
  readonly highWatermark: number
  /** Record batches; a view into the answer. */
  readonly data: Buffer
}

/** Fetches from the node that leads the partitions; trouble is by partition. */
export async function fetchFrom(
  broker: KafkajsBroker,
  wanted: { readonly topic: string; readonly positions: readonly FetchPosition[] },
  limits: FetchLimits,
): Promise<readonly FetchedPartition[]> {
  assertVersion(broker, { key: fetchKey, version: fetchVersion, name: 'Fetch' })
  const answer = await broker.connectionPool.send<{ fetched: readonly FetchedPartition[] }>({
    request: {
      apiKey: fetchKey,
      apiVersion: fetchVersion,
      apiName: 'Fetch',
      encode: () => Promise.resolve(payloadOf(encodeFetch(wanted, limits))),
    },
    response: {
      decode: (raw) => Promise.resolve(decodeFetched(raw)),
      parse: (data) => Promise.resolve(data),
    },
    requestTimeout: limits.waitMsMax + fetchGraceMs,
  })
  return answer.fetched
}

function encodeFetch(
  { topic, positions }: { readonly topic: string; readonly positions: readonly FetchPosition[] },
  { waitMsMax, bytesMin, bytesMax }: FetchLimits,
): Buffer[] {
  const partitions = positions.flatMap(({ partition, offset, bytesMax: partitionBytesMax }) => [
    int32(partition),
    int32(-1), // leader epoch: not checked
    int64(offset),
    int64(-1), // log start: for followers
    int32(partitionBytesMax),
  ])
  return [
    int32(-1), // a client, not a replica
    int32(waitMsMax),
    int32(bytesMin),
    int32(bytesMax),
    Buffer.from([0]), // read uncommitted: no transactions are used
    int32(0), // no fetch session
    int32(-1),
    int32(1),
    text(topic),
    int32(positions.length),
    ...partitions,
    int32(0), // no forgotten topics
    text(''), // no rack
  ]
}

function decodeFetched(raw: Buffer) {
  const reader = new AnswerReader(raw)
  const clientSideThrottleTime = reader.int32()
  const errorType = errorTypeOf(reader.int16())
  if (errorType !== 'NONE') throw new KafkaProtocolError(errorType, 'fetch')
  reader.skip(4) // session
  const fetched: FetchedPartition[] = []
  for (let topics = reader.int32(); topics > 0; topics--) {
    reader.text()
    for (let partitions = reader.int32(); partitions > 0; partitions--) fetched.push(decodePartition(reader))
  }
  return { fetched, clientSideThrottleTime }
}

function decodePartition(reader: AnswerReader): FetchedPartition {
  const partition = reader.int32()
  const errorType = errorTypeOf(reader.int16())
  const highWatermark = reader.int64()
  reader.skip(8 + 8) // last stable offset, log start
  reader.skip(16 * Math.max(0, reader.int32())) // aborted transactions
  reader.skip(4) // preferred replica
  return { partition, errorType, highWatermark, data: reader.bytes(reader.int32()) }
}

function assertVersion(broker: KafkajsBroker, wanted: { key: number; version: number; name: string }): void {
  const known = broker.versions?.[wanted.key]
  if (known === undefined) return // not connected yet; the request itself will tell
  if (known.minVersion > wanted.version || known.maxVersion < wanted.version) {
    throw new KafkaProtocolError(
      'UNSUPPORTED_VERSION',
      `${wanted.name} version ${wanted.version} needs Kafka 2.3 or newer`,
    )
  }
}

function payloadOf(parts: readonly Buffer[]): EncodedPayload {
  const payload = new Encoder(parts.reduce((sum, part) => sum + part.length, 0))
  for (const part of parts) payload.writeBufferInternal(part)
  return payload
}

function int16(value: number): Buffer {
  const buffer = Buffer.allocUnsafe(2)
  buffer.writeInt16BE(value)
  return buffer
}

function int32(value: number): Buffer {
  const buffer = Buffer.allocUnsafe(4)
  buffer.writeInt32BE(value)
  return buffer
}

function int64(value: number): Buffer {
  const buffer = Buffer.allocUnsafe(8)
  buffer.writeBigInt64BE(BigInt(value))
  return buffer
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([int16(bytes.length), bytes])
}

class AnswerReader {
  readonly #source: Buffer
  #at = 0

  constructor(source: Buffer) {
    this.#source = source
  }

  int16(): number {
    this.#at += 2
    return this.#source.readInt16BE(this.#at - 2)
  }

  int32(): number {
    this.#at += 4
    return this.#source.readInt32BE(this.#at - 4)
  }

  /** Safe: see `Log` on offsets. */
  int64(): number {
    this.#at += 8
    return Number(this.#source.readBigInt64BE(this.#at - 8))
  }

  text(): string {
    return this.bytes(this.int16()).toString()
  }

  /** A view; empty for the null that a length below 0 stands for. */
  bytes(length: number): Buffer {
    const from = this.#at
    this.#at += Math.max(0, length)
    return this.#source.subarray(from, this.#at)
  }

  skip(bytes: number): void {
    this.#at += bytes
  }
}
