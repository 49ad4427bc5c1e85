import { assert, delay, isRetriable } from '@millrace/runtime'
import { PartitionLostError, type LogConsumer, type PartitionLoop } from '@millrace/log'
import type { Generation, GroupMember, GroupNews } from './group-coordinator.ts'
import type { LogConnection } from './log-connection.ts'
import { SimulatedAssignment } from './simulated-assignment.ts'

export interface SimulatedConsumerOptions {
  readonly groupId: string
  readonly topic: string
  readonly memberId: string
  readonly sessionTimeoutMs: number
  readonly revokeMsMax: number
}

/** Why a generation is over for this member; an error of one of its loops ends the consumer. */
type GenerationEnd = GroupNews | 'drained' | { readonly error: unknown }

const joinMsMax = 75_000
const retryDelayMs = 100

/** A member of a group as the Kafka consumer is one: its loops end, or are fenced, before it joins again. */
export class SimulatedConsumer implements LogConsumer {
  readonly #log: LogConnection
  readonly #options: SimulatedConsumerOptions
  readonly #draining = new AbortController()
  readonly #drained: Promise<'drained'>
  #onEnd: (end: GenerationEnd) => void = () => undefined
  #member: GroupMember | undefined
  #joins = 0
  #running: Promise<void> | undefined

  constructor(log: LogConnection, options: SimulatedConsumerOptions) {
    this.#log = log
    this.#options = options
    this.#drained = new Promise((resolve) => {
      this.#draining.signal.addEventListener('abort', () => resolve('drained'), { once: true })
    })
  }

  run(loop: PartitionLoop): Promise<void> {
    assert(this.#running === undefined, 'a consumer runs once')
    this.#running = this.#run(loop)
    return this.#running
  }

  async drain(): Promise<void> {
    this.#draining.abort()
    await this.#running?.catch(() => undefined)
  }

  async #run(loop: PartitionLoop): Promise<void> {
    try {
      while (!this.#draining.signal.aborted) {
        const ended = new Promise<GenerationEnd>((resolve) => {
          this.#onEnd = resolve
        })
        const member = (this.#member ??= this.#newMember())
        const giveUp = new AbortController()
        const joined = await Promise.race([this.#join(member, giveUp.signal), ended, this.#drained])
        giveUp.abort()
        const isJoined = typeof joined === 'object' && 'partitions' in joined
        const end = isJoined ? await this.#serve({ member, generation: joined, ended }, loop) : joined
        if (end === 'lost') this.#giveUpMembership()
        if (typeof end === 'object') throw end.error
      }
    } finally {
      const member = this.#member
      this.#giveUpMembership()
      if (member !== undefined) await this.#log.leave(this.#options, member.id).catch(() => undefined)
    }
  }

  #newMember(): GroupMember {
    const { memberId, sessionTimeoutMs } = this.#options
    this.#joins++
    return {
      id: this.#joins === 1 ? memberId : `${memberId}#${this.#joins}`,
      process: this.#log.process,
      sessionTimeoutMs,
      isBeating: true,
      isServing: false,
      onNews: (news) => this.#onEnd(news),
    }
  }

  #giveUpMembership(): void {
    if (this.#member !== undefined) this.#member.isBeating = false
    this.#member = undefined
  }

  /** @throws LogError when the group cannot be joined for a long time */
  async #join(member: GroupMember, signal: AbortSignal): Promise<Generation> {
    const { groupId, topic } = this.#options
    const deadline = performance.now() + joinMsMax
    member.isServing = false
    for (;;) {
      try {
        const generation = await this.#log.join({ groupId, topic }, member)
        if (!signal.aborted) member.isServing = true
        return generation
      } catch (error) {
        if (!isRetriable(error) || performance.now() > deadline || signal.aborted) throw error
        await delay(retryDelayMs, signal)
      }
    }
  }

  /** Works under one generation until it is over; then all loops have ended, or can commit nothing any more. */
  async #serve(
    {
      member,
      generation,
      ended,
    }: {
      readonly member: GroupMember
      readonly generation: Generation
      readonly ended: Promise<GenerationEnd>
    },
    loop: PartitionLoop,
  ): Promise<GenerationEnd> {
    const assignments = await this.#assign(member, generation)
    const loops = assignments.map((assignment) => this.#runLoop(assignment, loop))
    const end = await Promise.race([ended, this.#drained])
    for (const assignment of assignments) {
      if (end === 'lost') assignment.fence()
      else assignment.revoke()
    }
    await within(this.#options.revokeMsMax, Promise.all(loops))
    for (const assignment of assignments) assignment.fence()
    return end
  }

  async #assign(member: GroupMember, generation: Generation): Promise<readonly SimulatedAssignment[]> {
    const { groupId, topic } = this.#options
    if (generation.partitions.length === 0) return []
    const positions = await this.#positions(generation.partitions)
    const owner = { id: member.id, generation: generation.number }
    return positions.map(({ watermarks, committed }) => {
      return new SimulatedAssignment(this.#log, { groupId, topic, owner, watermarks, committed })
    })
  }

  async #positions(partitions: readonly number[]) {
    const { groupId, topic } = this.#options
    const deadline = performance.now() + joinMsMax
    for (;;) {
      try {
        const [committed, watermarks] = await Promise.all([
          this.#log.committed(groupId, topic),
          this.#log.watermarks(topic),
        ])
        return watermarks
          .filter(({ partition }) => partitions.includes(partition))
          .map((marks) => ({ watermarks: marks, committed: committed.get(marks.partition) }))
      } catch (error) {
        if (!isRetriable(error) || performance.now() > deadline) throw error
        await delay(retryDelayMs)
      }
    }
  }

  async #runLoop(assignment: SimulatedAssignment, loop: PartitionLoop): Promise<void> {
    try {
      await loop(assignment)
    } catch (error) {
      if (!(error instanceof PartitionLostError)) this.#onEnd({ error })
    }
  }
}

async function within(msMax: number, work: Promise<unknown>): Promise<void> {
  const ended = new AbortController()
  await Promise.race([work, delay(msMax, ended.signal)])
  ended.abort()
}
