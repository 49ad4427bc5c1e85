import { delay } from '@millrace/runtime'
import { PartitionLostError } from '../log-error.ts'
import type { CommittedPosition } from '../log.ts'
import { dealPartitions } from './assignor.ts'
import type { KafkaClient } from './client.ts'
import { isLostMember, isPassing, protocolTypeOf, unavailable } from './kafka-error.ts'
import {
  joinGroup,
  MemberAssignment,
  memberIdRequired,
  MemberMetadata,
  type GroupMembership,
  type JoinedGroup,
  type KafkajsBroker,
} from './kafkajs-internals.ts'

export interface GroupMemberOptions {
  readonly groupId: string
  readonly topic: string
  readonly sessionTimeoutMs: number
}

/** One generation of the group as this member joined it. */
export interface Generation extends GroupMembership {
  readonly partitions: readonly number[]
}

/** How long the group waits for its members to finish their work and join again. */
export const rebalanceMsMax = 60_000
const commitMsMax = 15_000
const retryDelayMs = 100
/** kafkajs's round robin, so that a member of another make finds the name it expects. */
const protocolName = 'RoundRobinAssigner'
const protocolVersion = 0

/**
 * A member of a consumer group, by the classic protocol that brokers from 0.9 to 4.x speak: join, sync, heartbeat,
 * commit, leave. It knows the group, not the work.
 */
export class GroupMember {
  readonly #client: KafkaClient
  readonly #options: GroupMemberOptions
  #memberId = ''

  constructor(client: KafkaClient, options: GroupMemberOptions) {
    this.#client = client
    this.#options = options
  }

  /**
   * Joins or joins again, however many rounds the group needs.
   * @returns undefined when the signal aborted first
   * @throws LogError `LOG_UNAVAILABLE` after `msMax`, or at once for what does not pass
   */
  async join({ msMax, signal }: { msMax: number; signal: AbortSignal }): Promise<Generation | undefined> {
    const deadline = Date.now() + msMax
    const isAborted = (): boolean => signal.aborted
    while (!isAborted()) {
      try {
        return await this.#joinOnce()
      } catch (error) {
        if (isAborted()) return undefined
        const type = protocolTypeOf(error)
        if (type === 'UNKNOWN_MEMBER_ID') this.#memberId = ''
        const mayPass = isPassing(error) || isLostMember(error)
        if (!mayPass || Date.now() > deadline) throw unavailable(`joining ${this.#options.groupId}`, error)
        if (type === 'REBALANCE_IN_PROGRESS') continue
      }
      await delay(retryDelayMs, signal)
      await this.#client.refreshMetadata().catch(() => undefined) // the next try meets the same trouble
    }
    return undefined
  }

  async #joinOnce(): Promise<Generation> {
    const { groupId, topic } = this.#options
    return this.#client.askCoordinator(groupId, async (coordinator) => {
      const { generationId, memberId, leaderId, members } = await this.#joinGroup(coordinator)
      if (memberId === leaderId) await this.#client.refreshMetadata()
      const groupAssignment =
        memberId === leaderId ? this.#assign(members.map((member) => member.memberId)) : []
      const synced = await coordinator.syncGroup({ groupId, generationId, memberId, groupAssignment })
      const assignment = MemberAssignment.decode(synced.memberAssignment)?.assignment ?? {}
      return { groupId, groupGenerationId: generationId, memberId, partitions: assignment[topic] ?? [] }
    })
  }

  async #joinGroup(coordinator: KafkajsBroker): Promise<JoinedGroup> {
    const { groupId, topic, sessionTimeoutMs } = this.#options
    const metadata = MemberMetadata.encode({ version: protocolVersion, topics: [topic] })
    const ask = () =>
      joinGroup(coordinator, {
        groupId,
        sessionTimeout: sessionTimeoutMs,
        rebalanceTimeout: rebalanceMsMax,
        memberId: this.#memberId,
        protocolType: 'consumer',
        groupProtocols: [{ name: protocolName, metadata }],
      })
    const joined = await ask().catch((error: unknown) => {
      const memberId = memberIdRequired(error)
      if (memberId === undefined) throw error
      this.#memberId = memberId
      return ask()
    })
    this.#memberId = joined.memberId
    return joined
  }

  #assign(memberIds: readonly string[]): { memberId: string; memberAssignment: Buffer }[] {
    const { topic } = this.#options
    const dealt = dealPartitions(memberIds, [...this.#client.leaders(topic).keys()])
    return [...dealt].map(([memberId, partitions]) => ({
      memberId,
      memberAssignment: MemberAssignment.encode({
        version: protocolVersion,
        assignment: { [topic]: partitions },
      }),
    }))
  }

  async heartbeat({ groupId, groupGenerationId, memberId }: Generation): Promise<void> {
    await this.#client.askCoordinator(groupId, (coordinator) =>
      coordinator.heartbeat({ groupId, groupGenerationId, memberId }),
    )
  }

  /**
   * Commits under the given generation, which the coordinator checks: it takes commits while it waits for members to
   * join again (PreparingRebalance), and refuses them once the next generation has begun.
   * @throws PartitionLostError when it refuses, LogError `LOG_UNAVAILABLE` after 15 s without an answer
   */
  async commit(
    generation: Generation,
    partition: number,
    { offset, metadata }: CommittedPosition,
  ): Promise<void> {
    const { groupId, groupGenerationId, memberId } = generation
    const topics = [
      { topic: this.#options.topic, partitions: [{ partition, offset: String(offset), metadata }] },
    ]
    await this.#client.untilItPasses('the commit', { msMax: commitMsMax }, async () => {
      try {
        await this.#client.askCoordinator(groupId, (coordinator) =>
          coordinator.offsetCommit({ groupId, groupGenerationId, memberId, topics }),
        )
      } catch (error) {
        if (!isLostMember(error)) throw error
        throw new PartitionLostError(`${this.#options.topic}-${partition} belongs to another member`, error)
      }
    })
  }

  /** Tells the group at once, so that it need not wait for the session to end; what fails is left to that. */
  async leave(): Promise<void> {
    const memberId = this.#memberId
    this.#memberId = ''
    if (memberId === '') return
    const { groupId } = this.#options
    await this.#client
      .askCoordinator(groupId, (coordinator) => coordinator.leaveGroup({ groupId, memberId }))
      .catch(() => undefined)
  }
}

/** What a group has committed for a topic's partitions. */
export async function committedPositions(
  client: KafkaClient,
  { groupId, topic, partitions }: { groupId: string; topic: string; partitions: readonly number[] },
): Promise<ReadonlyMap<number, CommittedPosition>> {
  const topics = [{ topic, partitions: partitions.map((partition) => ({ partition })) }]
  const { responses } = await client.askCoordinator(groupId, (coordinator) =>
    coordinator.offsetFetch({ groupId, topics }),
  )
  const committed = responses
    .flatMap((response) => response.partitions)
    .filter(({ offset }) => Number(offset) >= 0)
    .map(
      ({ partition, offset, metadata }) =>
        [partition, { offset: Number(offset), metadata: metadata ?? '' }] as const,
    )
  return new Map(committed)
}
