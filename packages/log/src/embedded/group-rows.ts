import type { CommittedPosition } from '../log.ts'
import type { Environment, RowKey } from './environment.ts'
import { hasDied, ownProcess, type ProcessIdentity } from './process-identity.ts'
import { committedKey, readCommitted } from './rows.ts'

export interface Ownership {
  /** Undefined: released, or never owned. */
  readonly member: string | undefined
  /** Grows with every change of owner; what a member does as owner is on condition that it is the same. */
  readonly epoch: number
}

interface OwnerRow {
  readonly member: string | null
}

interface Member {
  readonly key: RowKey
  readonly member: string
  /** Unix ms. */
  readonly leaseEndsAt: number
  readonly process: ProcessIdentity
}

/** The rows of one group on one topic: who its members are, who owns which partition, what is committed. */
export class GroupRows {
  readonly #environment: Environment
  readonly #groupId: string
  readonly #topic: string
  readonly #process = ownProcess()

  constructor(environment: Environment, group: { readonly groupId: string; readonly topic: string }) {
    this.#environment = environment
    this.#groupId = group.groupId
    this.#topic = group.topic
  }

  /** Makes it a member, or keeps it one, until `leaseEndsAt` (Unix ms). */
  async renew(member: string, leaseEndsAt: number): Promise<void> {
    await this.#environment.write([], () =>
      this.#environment.putRow(this.#memberKey(member), this.#process, leaseEndsAt),
    )
  }

  async leave(member: string): Promise<void> {
    await this.#environment.write([], () => this.#environment.removeRow(this.#memberKey(member)))
  }

  /** Removes members whose lease is over or whose process has died; one that comes back in between stays. */
  async removeExpired(now: number): Promise<void> {
    for (const member of this.#members()) {
      if (isLive(member, now)) continue
      const { key, leaseEndsAt } = member
      await this.#environment.write([{ key, version: leaseEndsAt }], () => this.#environment.removeRow(key))
    }
  }

  /** By name, those whose lease runs and whose process has not died. */
  liveMembers(now: number): string[] {
    return this.#members()
      .filter((member) => isLive(member, now))
      .map(({ member }) => member)
  }

  owners(partitions: number): Ownership[] {
    return Array.from({ length: partitions }, (_, partition) => {
      const row = this.#environment.row(this.#ownerKey(partition))
      return { member: (row?.value as OwnerRow | undefined)?.member ?? undefined, epoch: row?.version ?? 0 }
    })
  }

  /** Changes the owner if nobody did since; resolves with the new epoch, or undefined. */
  async change(
    partition: number,
    from: { readonly epoch: number },
    member: string | undefined,
  ): Promise<number | undefined> {
    const key = this.#ownerKey(partition)
    const row: OwnerRow = { member: member ?? null }
    const epoch = from.epoch + 1
    const done = await this.#environment.write([{ key, version: from.epoch === 0 ? null : from.epoch }], () =>
      this.#environment.putRow(key, row, epoch),
    )
    return done ? epoch : undefined
  }

  /** Commits if the partition still has this epoch; resolves with whether it has. */
  commit(partition: number, epoch: number, position: CommittedPosition): Promise<boolean> {
    const key = committedKey(this.#groupId, this.#topic, partition)
    const { offset, metadata } = position
    return this.#environment.write([{ key: this.#ownerKey(partition), version: epoch }], () =>
      this.#environment.putRow(key, { offset, metadata }, 1),
    )
  }

  committed(partition: number): CommittedPosition | undefined {
    return readCommitted(this.#environment, { groupId: this.#groupId, topic: this.#topic, partition })
  }

  #members(): Member[] {
    const found = this.#environment.rows(['member', this.#groupId, this.#topic])
    return found.map(({ key, row }) => ({
      key,
      member: key[3] as string,
      leaseEndsAt: row.version,
      process: row.value as ProcessIdentity,
    }))
  }

  #memberKey(member: string): RowKey {
    return ['member', this.#groupId, this.#topic, member]
  }

  #ownerKey(partition: number): RowKey {
    return ['owner', this.#groupId, this.#topic, partition]
  }
}

function isLive({ leaseEndsAt, process }: Member, now: number): boolean {
  return leaseEndsAt > now && !hasDied(process)
}
