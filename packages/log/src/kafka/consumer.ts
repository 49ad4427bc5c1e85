import { assert, delay } from '@millrace/runtime'
import { PartitionLostError } from '../log-error.ts'
import type { CommittedPosition, LogConsumer, PartitionLoop } from '../log.ts'
import { KafkaAssignment } from './assignment.ts'
import type { KafkaClient } from './client.ts'
import { deferred } from './deferred.ts'
import { Fetcher } from './fetcher.ts'
import { committedPositions, GroupMember, rebalanceMsMax, type Generation } from './group-member.ts'
import { Heartbeats, type GenerationEnd } from './heartbeats.ts'
import { PartitionBuffer } from './partition-buffer.ts'

export interface KafkaConsumerOptions {
  readonly groupId: string
  readonly topic: string
  readonly sessionTimeoutMs: number
  readonly revokeMsMax: number
  readonly prefetchBytesMax: number
}

/**
 * The broker answers a fetch with 32 KiB or after 100 ms: at most a tenth of a second of freshness, and at full flow
 * fetches of a size worth their cost.
 */
const fetchLimits = { waitMsMax: 100, bytesMin: 32_768, bytesMax: 16_777_216 }
const fetchTroubleMsMax = 60_000
const connectMsMax = 30_000
const positionsMsMax = 30_000
/** A rebalance may wait for other members that long; then some for the network. */
const joinMsMax = rebalanceMsMax + 15_000
const leaveMsMax = 3_000

/**
 * A member of a consumer group, with a loop for each partition it owns.
 *
 * kafkajs's consumer is not used: it joins again while handlers still run, commits under whatever generation is current,
 * sends no heartbeat during a handler, resets an offset that is out of range, and ends silently on some errors
 * (kafka.md, defects 9 to 15 and 17). Here the heartbeats run on their own, the loops end before the member joins again,
 * and a commit carries the generation it was assigned under.
 */
export class KafkaConsumer implements LogConsumer {
  readonly #client: KafkaClient
  readonly #options: KafkaConsumerOptions
  readonly #member: GroupMember
  readonly #draining = new AbortController()
  /** Resolves with the first error of a loop, also of one that was fenced before. */
  readonly #failure = deferred<{ readonly error: unknown }>()
  #running: Promise<void> | undefined

  constructor(client: KafkaClient, options: KafkaConsumerOptions) {
    this.#client = client
    this.#options = options
    this.#member = new GroupMember(client, options)
  }

  run(loop: PartitionLoop): Promise<void> {
    assert(this.#running === undefined, 'a consumer runs once')
    this.#running = this.#run(loop)
    return this.#running
  }

  async drain(): Promise<void> {
    this.#draining.abort()
    await this.#running?.catch(() => undefined) // whoever called `run` has the error
  }

  async #run(loop: PartitionLoop): Promise<void> {
    const { topic } = this.#options
    const { signal } = this.#draining
    const isDraining = (): boolean => signal.aborted
    try {
      await this.#client.connect({ topics: [topic], msMax: connectMsMax, signal }).catch((error: unknown) => {
        if (!isDraining()) throw error
      })
      while (!isDraining()) {
        const generation = await this.#join()
        if (generation !== undefined) await this.#serve(generation, loop)
      }
    } finally {
      await within(leaveMsMax, this.#member.leave())
      await this.#client.close()
    }
  }

  async #join(): Promise<Generation | undefined> {
    const { signal } = this.#draining
    const interrupt = (): void => {
      this.#client.interrupt() // a join waits for the whole group, and nothing else passes on its connection
    }
    signal.addEventListener('abort', interrupt)
    try {
      return await this.#member.join({ msMax: joinMsMax, signal })
    } finally {
      signal.removeEventListener('abort', interrupt)
    }
  }

  /** Works under one generation until it is over; then all loops have ended, or can commit nothing any more. */
  async #serve(generation: Generation, loop: PartitionLoop): Promise<void> {
    const { topic, sessionTimeoutMs } = this.#options
    const heartbeats = new Heartbeats({ member: this.#member, generation, sessionTimeoutMs })
    const fetcher = new Fetcher(this.#client, { topic, limits: fetchLimits, troubleMsMax: fetchTroubleMsMax })
    let assignments: readonly KafkaAssignment[] = []
    try {
      assignments = await this.#assign(generation, fetcher).catch((error: unknown) => {
        if (this.#draining.signal.aborted) return []
        throw error
      })
      const loops = assignments.map((assignment) => this.#runLoop(assignment, loop))
      const end = await this.#untilOver(heartbeats)
      for (const assignment of assignments) {
        if (end === 'lost') assignment.fence()
        else assignment.revoke()
      }
      await within(this.#options.revokeMsMax, Promise.all(loops))
      if (typeof end === 'object') throw end.error
    } finally {
      for (const assignment of assignments) assignment.fence()
      fetcher.stop()
      await heartbeats.stop()
    }
  }

  async #untilOver(heartbeats: Heartbeats): Promise<GenerationEnd | 'drained' | { readonly error: unknown }> {
    return Promise.race([
      this.#failure.promise,
      heartbeats.ended,
      aborted(this.#draining.signal).then(() => 'drained' as const),
    ]).catch((error: unknown) => ({ error }))
  }

  async #assign(generation: Generation, fetcher: Fetcher): Promise<readonly KafkaAssignment[]> {
    const { partitions } = generation
    const { groupId, topic, prefetchBytesMax } = this.#options
    if (partitions.length === 0) return []
    const client = this.#client
    const positions = { msMax: positionsMsMax, signal: this.#draining.signal }
    const [committed, watermarks] = await client.untilItPasses('reading the positions', positions, () =>
      Promise.all([
        committedPositions(client, { groupId, topic, partitions }),
        client.watermarks(topic, partitions),
      ]),
    )
    const parts = watermarks.map((marks) => {
      const { partition } = marks
      const buffer = new PartitionBuffer({
        topic,
        partition,
        position: committed.get(partition)?.offset ?? marks.low,
        highWatermark: marks.high,
        bytesMax: prefetchBytesMax,
        onWanted: () => {
          fetcher.kick()
        },
      })
      const commit = (own: number, position: CommittedPosition) =>
        this.#member.commit(generation, own, position)
      const options = { topic, committed: committed.get(partition), watermarks: marks, buffer, commit }
      return { buffer, assignment: new KafkaAssignment(options) }
    })
    fetcher.start(parts.map(({ buffer }) => buffer))
    return parts.map(({ assignment }) => assignment)
  }

  async #runLoop(assignment: KafkaAssignment, loop: PartitionLoop): Promise<void> {
    try {
      await loop(assignment)
    } catch (error) {
      if (!(error instanceof PartitionLostError)) this.#failure.resolve({ error })
    }
  }
}

async function within(msMax: number, work: Promise<unknown>): Promise<void> {
  const ended = new AbortController()
  await Promise.race([work, delay(msMax, ended.signal)])
  ended.abort()
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
