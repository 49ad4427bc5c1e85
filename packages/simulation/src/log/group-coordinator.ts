import { PartitionLostError, type CommittedPosition } from '@millrace/log'
import type { Network } from '../machine/network.ts'
import type { Scheduler } from '../machine/scheduler.ts'
import type { SimulatedProcess } from '../machine/simulated-process.ts'

/** One generation of a group as a member joined it. */
export interface Generation {
  readonly number: number
  readonly partitions: readonly number[]
}

/** What a member hears in answer to its heartbeats: join again, or that the group does not know it any more. */
export type GroupNews = 'rebalance' | 'lost'

export interface GroupMember {
  readonly id: string
  readonly process: SimulatedProcess
  readonly sessionTimeoutMs: number
  /** False once the member has given this membership up, whether or not the group has heard. */
  isBeating: boolean
  /** A member that waits for a generation sends no heartbeats; nor is it expelled while the group lets it wait. */
  isServing: boolean
  /** Called in the member's process. */
  readonly onNews: (news: GroupNews) => void
}

export interface GroupCoordinatorOptions {
  readonly scheduler: Scheduler
  readonly network: Network
  readonly partitionCount: () => number
  /** Whether commits of old generations are refused; only a test turns that off. */
  readonly isFencing: boolean
  readonly onGeneration: (text: string) => void
}

interface Joined {
  readonly member: GroupMember
  lastSeenAt: number
  /** When it last heard of the group. */
  lastAnsweredAt: number
  /** Set while it waits for the next generation. */
  answer: ((generation: Generation) => void) | undefined
  isTold: boolean
}

/** How often members are heard of: heartbeats, without sending each of them. */
const lookMs = 500
/** How long the group waits for members to join again. */
const rebalanceMsMax = 20_000

/**
 * A consumer group by Kafka's classic protocol: a join makes all members join again, the next generation begins when they
 * have, silent members are expelled, and commits count under the current generation only (also while the group waits).
 */
export class GroupCoordinator {
  readonly committed = new Map<number, CommittedPosition>()
  readonly #options: GroupCoordinatorOptions
  readonly #members = new Map<string, Joined>()
  /** Expelled ones that do not know it yet. */
  readonly #expelled = new Set<Joined>()
  refusedCommits = 0
  #generation = 0
  #rebalancingSince: number | undefined

  constructor(options: GroupCoordinatorOptions) {
    this.#options = options
    this.#lookAgain()
  }

  get generation(): number {
    return this.#generation
  }

  join(member: GroupMember, answer: (generation: Generation) => void): void {
    const { now } = this.#options.scheduler
    const known = this.#members.get(member.id)
    if (known === undefined)
      this.#members.set(member.id, { member, lastSeenAt: now, lastAnsweredAt: now, answer, isTold: true })
    else Object.assign(known, { answer, lastSeenAt: now })
    this.#rebalance()
  }

  leave(id: string): void {
    for (const joined of this.#expelled) if (joined.member.id === id) this.#expelled.delete(joined)
    if (this.#members.delete(id)) this.#rebalance()
  }

  /** @throws PartitionLostError */
  commit(member: { id: string; generation: number }, partition: number, position: CommittedPosition): void {
    const isOwner = this.#members.has(member.id) && member.generation === this.#generation
    if (!isOwner && this.#options.isFencing) {
      this.refusedCommits++
      throw new PartitionLostError(`generation ${member.generation} is over`)
    }
    this.committed.set(partition, position)
  }

  #rebalance(): void {
    if (this.#rebalancingSince === undefined) {
      this.#rebalancingSince = this.#options.scheduler.now
      for (const joined of this.#members.values()) joined.isTold = joined.answer !== undefined
    }
    this.#beginGeneration()
  }

  /** Begins the next generation if every member has joined again. */
  #beginGeneration(): void {
    const members = [...this.#members.values()].toSorted((a, b) => (a.member.id < b.member.id ? -1 : 1))
    if (this.#rebalancingSince === undefined || members.some(({ answer }) => answer === undefined)) return
    this.#rebalancingSince = undefined
    this.#generation++
    const count = this.#options.partitionCount()
    const all = Array.from({ length: count }, (_, partition) => partition)
    const dealt = members.map((joined, index) => ({
      joined,
      partitions: all.filter((partition) => partition % members.length === index),
    }))
    const text = dealt.map(({ joined, partitions }) => `${joined.member.id}=${partitions.join('+') || '-'}`)
    this.#options.onGeneration(`generation ${this.#generation}: ${text.join(' ')}`)
    for (const { joined, partitions } of dealt) {
      const { answer } = joined
      joined.answer = undefined
      answer?.({ number: this.#generation, partitions })
    }
  }

  #lookAgain(): void {
    this.#options.scheduler.after(lookMs, () => {
      this.#look()
      this.#lookAgain()
    })
  }

  #look(): void {
    for (const joined of [...this.#members.values()]) this.#lookAt(joined)
    for (const joined of this.#expelled) {
      const { process } = joined.member
      if (process.isDead || !joined.member.isBeating) this.#expelled.delete(joined)
      else if (this.#isHeard(joined) && this.#options.network.isAnswered(process, 'log')) {
        this.#expelled.delete(joined)
        this.#tell(joined, 'lost')
      }
    }
    const since = this.#rebalancingSince
    if (since === undefined || this.#options.scheduler.now - since < rebalanceMsMax) return
    for (const joined of [...this.#members.values()]) if (joined.answer === undefined) this.#expel(joined)
  }

  #lookAt(joined: Joined): void {
    const { scheduler, network } = this.#options
    const { process, sessionTimeoutMs, isBeating, isServing } = joined.member
    const isHeard = this.#isHeard(joined)
    const isAnswered = isHeard && network.isAnswered(process, 'log')
    if (isHeard) joined.lastSeenAt = scheduler.now
    if (isAnswered) {
      joined.lastAnsweredAt = scheduler.now
      const mustJoin = this.#rebalancingSince !== undefined && joined.answer === undefined
      if (mustJoin && !joined.isTold) {
        joined.isTold = true
        this.#tell(joined, 'rebalance')
      }
    }
    const isOver = (since: number) => scheduler.now - since > sessionTimeoutMs
    // A member without answers counts its own session as over, whatever the group thinks of it.
    if (isOver(joined.lastAnsweredAt) && process.isRunning && isBeating && isServing)
      this.#tell(joined, 'lost')
    // Without a coordinator nobody is expelled.
    if (isOver(joined.lastSeenAt) && !network.isGone('log')) this.#expel(joined)
  }

  #isHeard({ member, answer }: Joined): boolean {
    const { process, isBeating, isServing } = member
    const isAlive = process.isRunning && isBeating && (isServing || answer !== undefined)
    return isAlive && this.#options.network.reaches(process, 'log')
  }

  #expel(joined: Joined): void {
    this.#members.delete(joined.member.id)
    this.#expelled.add(joined)
    this.#rebalance()
  }

  #tell({ member }: Joined, news: GroupNews): void {
    const { scheduler, network } = this.#options
    scheduler.after(network.delay(), () => member.isBeating && member.onNews(news), { owner: member.process })
  }
}
