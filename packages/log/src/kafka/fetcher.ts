import { delay } from '@millrace/runtime'
import type { KafkaClient } from './client.ts'
import { groupBy } from './group-by.ts'
import { isPassing, KafkaProtocolError, unavailable } from './kafka-error.ts'
import type { PartitionBuffer, Wanted } from './partition-buffer.ts'
import { decodeBatches } from './record-batch.ts'
import { fetchFrom, type FetchedPartition, type FetchLimits } from './requests.ts'

export interface FetcherOptions {
  readonly topic: string
  readonly limits: FetchLimits
  /** Trouble that lasts longer without one fetch that worked is the buffers' failure. */
  readonly troubleMsMax: number
}

const retryDelayMs = 100

interface WantedPartition {
  readonly buffer: PartitionBuffer
  readonly wanted: Wanted
}

/**
 * Keeps one fetch under way at each node for the partitions that want records; idle without a timer when none does.
 * A partition that is full or paused is left out, so it never holds up another one.
 */
export class Fetcher {
  readonly #client: KafkaClient
  readonly #options: FetcherOptions
  readonly #stopping = new AbortController()
  #buffers: readonly PartitionBuffer[] = []
  /** Partitions with a fetch under way, by node. */
  readonly #busy = new Map<number, ReadonlySet<PartitionBuffer>>()
  #workedAt = Date.now()
  #isKicked = false
  #turn = 0

  constructor(client: KafkaClient, options: FetcherOptions) {
    this.#client = client
    this.#options = options
  }

  start(buffers: readonly PartitionBuffer[]): void {
    this.#buffers = buffers
    this.#workedAt = Date.now()
  }

  /** Sends fetches for what is wanted now, once for all calls of one turn. */
  kick(): void {
    if (this.#isKicked || this.#stopping.signal.aborted) return
    this.#isKicked = true
    queueMicrotask(() => {
      this.#isKicked = false
      this.#sendWanted()
    })
  }

  stop(): void {
    this.#stopping.abort()
    for (const buffer of this.#buffers) buffer.close()
  }

  #sendWanted(): void {
    if (this.#stopping.signal.aborted) return
    const underWay = new Set([...this.#busy.values()].flatMap((buffers) => [...buffers]))
    const wanting: WantedPartition[] = this.#buffers.flatMap((buffer) => {
      const wanted = underWay.has(buffer) ? undefined : buffer.wanted()
      return wanted === undefined ? [] : [{ buffer, wanted }]
    })
    if (wanting.length === 0) return
    const leaders = this.#client.leaders(this.#options.topic)
    const first = this.#turn++ % wanting.length // an answer fills up from its first partition on: each has its turn
    const inTurn = [...wanting.slice(first), ...wanting.slice(0, first)]
    for (const [nodeId, partitions] of groupBy(
      inTurn,
      ({ buffer }) => leaders.get(buffer.partition) ?? noLeader,
    )) {
      if (!this.#busy.has(nodeId)) void this.#fetch(nodeId, partitions)
    }
  }

  async #fetch(nodeId: number, partitions: readonly WantedPartition[]): Promise<void> {
    this.#busy.set(nodeId, new Set(partitions.map(({ buffer }) => buffer)))
    try {
      await this.#fetchOnce(nodeId, partitions)
      this.#workedAt = Date.now()
    } catch (error) {
      await this.#recover(error, partitions)
    }
    this.#busy.delete(nodeId)
    this.kick()
  }

  async #fetchOnce(nodeId: number, partitions: readonly WantedPartition[]): Promise<void> {
    const { topic, limits } = this.#options
    if (nodeId === noLeader) throw new KafkaProtocolError('LEADER_NOT_AVAILABLE', topic)
    const positions = partitions.map(({ buffer: { partition }, wanted: { offset, bytesMax } }) => ({
      partition,
      offset,
      bytesMax,
    }))
    const fetched = await this.#client.askNode(nodeId, (broker) =>
      fetchFrom(broker, { topic, positions }, limits),
    )
    let trouble: unknown
    for (const answer of fetched) {
      const own = partitions.find(({ buffer }) => buffer.partition === answer.partition)
      if (own !== undefined) trouble = (await this.#accept(own, answer)) ?? trouble
    }
    if (trouble !== undefined) throw trouble as Error
  }

  /** @returns what went wrong with this partition alone */
  async #accept({ buffer, wanted }: WantedPartition, answer: FetchedPartition): Promise<unknown> {
    const { errorType, highWatermark, data } = answer
    if (buffer.isOvertaken(wanted)) return undefined
    if (errorType === 'OFFSET_OUT_OF_RANGE') return this.#confirmOutOfRange({ buffer, wanted })
    if (errorType !== 'NONE') return new KafkaProtocolError(errorType, `${buffer.topic}-${buffer.partition}`)
    try {
      buffer.accept(wanted, { batches: decodeBatches(data), highWatermark, bytes: data.length })
      return undefined
    } catch (error) {
      return error
    }
  }

  /** A node that was the leader may not know the newest records: only the leader of now decides. */
  async #confirmOutOfRange({ buffer, wanted }: WantedPartition): Promise<unknown> {
    try {
      await this.#client.refreshMetadata()
      const [marks] = await this.#client.watermarks(buffer.topic, [buffer.partition])
      const isThere = marks !== undefined && marks.low <= wanted.offset && wanted.offset <= marks.high
      if (isThere)
        return new KafkaProtocolError('NOT_LEADER_FOR_PARTITION', `${buffer.topic}-${buffer.partition}`)
      if (!buffer.isOvertaken(wanted)) buffer.failOutOfRange(wanted)
      return undefined
    } catch (error) {
      return error
    }
  }

  async #recover(error: unknown, partitions: readonly WantedPartition[]): Promise<void> {
    if (this.#stopping.signal.aborted) return
    const isOver = Date.now() - this.#workedAt > this.#options.troubleMsMax
    if (!isPassing(error) || isOver) {
      const failure = unavailable(`fetching from ${this.#options.topic}`, error)
      for (const { buffer } of partitions) buffer.fail(failure)
      return
    }
    await delay(retryDelayMs, this.#stopping.signal)
    await this.#client.refreshMetadata().catch(() => undefined) // the next fetch meets the same trouble
  }
}

const noLeader = -1
