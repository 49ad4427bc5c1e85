import { assert, delay, isRetriable } from '@millrace/runtime'
import { PartitionLostError } from '../log-error.ts'
import type { LogConsumer, PartitionLoop } from '../log.ts'
import { assignPartitions } from './assign-partitions.ts'
import { EmbeddedAssignment } from './assignment.ts'
import type { Bell } from './bell.ts'
import type { Environment } from './environment.ts'
import { GroupRows, type Ownership } from './group-rows.ts'
import { PartitionReader } from './partition-reader.ts'
import { readTopic } from './rows.ts'

export interface EmbeddedConsumerOptions {
  readonly environment: Environment
  readonly bell: Bell
  readonly now: () => number
  /** Unique among all members ever. */
  readonly member: string
  readonly groupId: string
  readonly topic: string
  readonly sessionTimeoutMs: number
  readonly revokeMsMax: number
  readonly fetchBytesMax: number
}

interface Held {
  readonly assignment: EmbeddedAssignment
  readonly abort: AbortController
  /** When the group stops waiting for the loop, on the clock of `performance.now`; set by the revocation. */
  releaseAt: number | undefined
  hasEnded: boolean
}

/** A lease is renewed this often within its time, and at least every `renewMsMax`. */
const renewalsPerLease = 5
const renewMsMax = 3_000

/** Without news the group is looked at this often: a lease may have run out. */
const lookMsMax = 500

/** Until a step that failed is made again. */
const failedStepMs = 100

/**
 * A member of a group. All members compute the same assignment from the rows of the group; each gives up what it should
 * no longer own, once its loop has ended, and claims what it should own, once nobody owns it or the owner's lease is over.
 */
export class EmbeddedConsumer implements LogConsumer {
  readonly #options: EmbeddedConsumerOptions
  readonly #rows: GroupRows
  readonly #held = new Map<number, Held>()
  readonly #stop = new AbortController()
  #failure: { readonly error: unknown } | undefined
  #running: Promise<void> | undefined
  /** How long the loops may take once it stops; without it, as long as they need. */
  #stopMsMax = Infinity
  #renewAt = -Infinity
  #leaseEndsAt = -Infinity

  constructor(options: EmbeddedConsumerOptions) {
    this.#options = options
    this.#rows = new GroupRows(options.environment, options)
  }

  run(loop: PartitionLoop): Promise<void> {
    assert(this.#running === undefined, 'a consumer runs once')
    this.#running = this.#run(loop)
    return this.#running
  }

  async drain(): Promise<void> {
    this.#stop.abort()
    this.#look()
    await this.#running?.catch(() => undefined)
  }

  /** As `drain`, but fences loops that take longer than `revokeMsMax`. */
  async close(): Promise<void> {
    const { revokeMsMax } = this.#options
    this.#stopMsMax = revokeMsMax
    for (const held of this.#held.values()) {
      held.releaseAt = Math.min(held.releaseAt ?? Infinity, performance.now() + revokeMsMax)
    }
    await this.drain()
  }

  async #run(loop: PartitionLoop): Promise<void> {
    const { environment, topic, member } = this.#options
    environment.snapshot()
    const { partitions } = readTopic(environment, topic)
    while (!this.#isStopping()) {
      const since = this.#options.bell.mark(this.#subject)
      await this.#step(() => this.#follow(partitions, loop))
      if (!this.#isStopping()) await this.#pause(since)
    }
    await this.#giveUpAll()
    await this.#step(() => this.#rows.leave(member))
    this.#tellGroup()
    if (this.#failure !== undefined) throw this.#failure.error
  }

  async #giveUpAll(): Promise<void> {
    for (const held of this.#held.values()) this.#revoke(held, this.#stopMsMax)
    while (this.#held.size > 0) {
      const since = this.#options.bell.mark(this.#subject)
      const done = await this.#step(() => this.#giveUp())
      // What cannot be released now is free once the lease is over.
      if (!done && [...this.#held.values()].every(isOver)) this.#held.clear()
      if (this.#held.size > 0) await this.#pause(since)
    }
  }

  /**
   * Resolves with whether the step succeeded. One that fails for a while (a full disk) is made again with the next;
   * whatever happens meanwhile, epochs fence it.
   */
  async #step(step: () => Promise<void>): Promise<boolean> {
    try {
      await step()
      return true
    } catch (error) {
      if (!isRetriable(error)) this.#fail(error)
      await delay(failedStepMs)
      return false
    }
  }

  async #pause(since: number): Promise<void> {
    const now = performance.now()
    const deadlines = [...this.#held.values()].map(({ releaseAt }) => releaseAt ?? Infinity)
    const dueAt = Math.min(now + lookMsMax, this.#renewAt, ...deadlines)
    await this.#options.bell.wait(this.#subject, Math.max(1, dueAt - now), { since })
  }

  async #follow(partitions: number, loop: PartitionLoop): Promise<void> {
    const { environment, now, member } = this.#options
    await this.#renew()
    await this.#giveUp()
    environment.snapshot()
    const members = [...new Set([...this.#rows.liveMembers(now()), member])]
    const owners = this.#rows.owners(partitions)
    const assigned = assignPartitions(
      owners.map((owner) => owner.member),
      members,
    )
    for (const [partition, owner] of owners.entries()) {
      if (this.#isStopping()) return
      const held = this.#held.get(partition)
      const isMine = assigned[partition] === member
      if (held !== undefined) this.#keepOrRevoke(held, { owner, isMine })
      else if (isMine && !isHeldByOther(owner, { member, members })) await this.#claim(partition, owner, loop)
      else if (owner.member === member) await this.#rows.change(partition, owner, undefined) // a claim cut short
    }
    await this.#rows.removeExpired(now())
  }

  #keepOrRevoke(held: Held, { owner, isMine }: { owner: Ownership; isMine: boolean }): void {
    if (owner.epoch !== held.assignment.epoch) this.#lose(held)
    else if (!isMine) this.#revoke(held, this.#options.revokeMsMax)
  }

  /** Also when the wall clock, by which others judge the lease, ran ahead of this process: it slept or the clock was set. */
  async #renew(): Promise<void> {
    const { member, sessionTimeoutMs, now } = this.#options
    if (performance.now() < this.#renewAt && now() < this.#leaseEndsAt) return
    const joins = this.#renewAt === -Infinity
    const leaseEndsAt = now() + sessionTimeoutMs
    await this.#rows.renew(member, leaseEndsAt)
    this.#leaseEndsAt = leaseEndsAt
    this.#renewAt = performance.now() + Math.min(renewMsMax, sessionTimeoutMs / renewalsPerLease)
    if (joins) this.#tellGroup()
  }

  /** Releases what has ended or has had its time. */
  async #giveUp(): Promise<void> {
    await this.#renew()
    for (const [partition, held] of this.#held) {
      if (!isOver(held)) continue
      await this.#rows.change(partition, held.assignment, undefined)
      this.#held.delete(partition)
      this.#tellGroup()
    }
  }

  async #claim(partition: number, owner: Ownership, loop: PartitionLoop): Promise<void> {
    const { environment, topic, bell, member, fetchBytesMax } = this.#options
    const epoch = await this.#rows.change(partition, owner, member)
    if (epoch === undefined) return
    const abort = new AbortController()
    const reader = new PartitionReader(environment, topic, partition)
    const { signal } = abort
    const assignment = new EmbeddedAssignment({
      reader,
      rows: this.#rows,
      bell,
      epoch,
      signal,
      fetchBytesMax,
    })
    const held: Held = { assignment, abort, releaseAt: undefined, hasEnded: false }
    this.#held.set(partition, held)
    void this.#runLoop(held, loop)
  }

  async #runLoop(held: Held, loop: PartitionLoop): Promise<void> {
    try {
      await loop(held.assignment)
      this.#assertMayEnd(held)
    } catch (error) {
      if (!(error instanceof PartitionLostError)) this.#fail(error)
    } finally {
      held.hasEnded = true
      this.#look()
    }
  }

  #assertMayEnd({ assignment }: Held): void {
    if (assignment.signal.aborted || this.#options.environment.closed) return
    this.#options.environment.snapshot()
    const owner = this.#rows.owners(assignment.partition + 1)[assignment.partition]
    assert(
      owner?.epoch !== assignment.epoch,
      `the loop of partition ${assignment.partition} ended before its signal aborted`,
    )
  }

  #revoke(held: Held, msMax: number): void {
    held.releaseAt ??= performance.now() + msMax
    held.abort.abort()
  }

  /** Somebody else owns it: there is nothing to release. */
  #lose(held: Held): void {
    held.abort.abort()
    this.#held.delete(held.assignment.partition)
  }

  #fail(error: unknown): void {
    this.#failure ??= { error }
    this.#stopMsMax = this.#options.revokeMsMax
    this.#stop.abort()
    this.#look()
  }

  #isStopping(): boolean {
    return this.#stop.signal.aborted
  }

  get #subject(): string {
    return `group ${this.#options.groupId}`
  }

  /** Goes on with the next step at once. */
  #look(): void {
    this.#options.bell.ringHere(this.#subject)
  }

  #tellGroup(): void {
    this.#options.bell.ring(this.#subject)
  }
}

/** Its loop has ended or has had its time. */
function isOver({ hasEnded, releaseAt }: Held): boolean {
  return hasEnded || performance.now() >= (releaseAt ?? Infinity)
}

function isHeldByOther(
  owner: Ownership,
  { member, members }: { member: string; members: readonly string[] },
): boolean {
  return owner.member !== undefined && owner.member !== member && members.includes(owner.member)
}
