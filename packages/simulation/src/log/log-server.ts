import type { CommittedPosition } from '@millrace/log'
import type { History } from '../machine/history.ts'
import type { Network } from '../machine/network.ts'
import type { Scheduler } from '../machine/scheduler.ts'
import { Broker } from './broker.ts'
import { GroupCoordinator } from './group-coordinator.ts'

export interface LogServerOptions {
  readonly scheduler: Scheduler
  readonly network: Network
  readonly history: History
  /** Whether commits of old generations are refused. */
  readonly isFencing: boolean
  /** What a member is shown of a committed position. */
  readonly shown: (groupId: string, position: CommittedPosition) => CommittedPosition
}

/** The log's server side: topics and groups. */
export class LogServer {
  readonly broker = new Broker()
  /** Positions with an intent that members were given. */
  intentsFound = 0
  readonly #options: LogServerOptions
  readonly #groups = new Map<string, GroupCoordinator>()

  constructor(options: LogServerOptions) {
    this.#options = options
  }

  get groups(): readonly GroupCoordinator[] {
    return [...this.#groups.values()]
  }

  /** A group reads one topic. */
  group(groupId: string, topic: string): GroupCoordinator {
    const key = `${groupId} ${topic}`
    const found = this.#groups.get(key)
    if (found !== undefined) return found
    const { scheduler, network, history, isFencing } = this.#options
    const group = new GroupCoordinator({
      scheduler,
      network,
      isFencing,
      partitionCount: () => this.broker.partitions(topic).length,
      onGeneration: (text) => history.add(groupId, text),
    })
    this.#groups.set(key, group)
    return group
  }

  /** Whether the group has committed the end of every partition, and nothing is begun. */
  isAtEnd(groupId: string, topic: string): boolean {
    return this.openPartitions(groupId, topic).length === 0
  }

  /** Partitions of which the group has not committed the end, or has begun a range, as text. */
  openPartitions(groupId: string, topic: string): string[] {
    const { committed } = this.group(groupId, topic)
    return this.broker.partitions(topic).flatMap(({ high }, partition) => {
      const { offset, metadata } = committed.get(partition) ?? { offset: 0, metadata: '' }
      const isDone = offset === high && !metadata.includes('"first"')
      return isDone ? [] : [`${groupId} ${partition} at ${offset} ${metadata} of ${high}`]
    })
  }

  committed(groupId: string, topic: string): ReadonlyMap<number, CommittedPosition> {
    const { shown } = this.#options
    const { committed } = this.group(groupId, topic)
    this.intentsFound += [...committed.values()].filter(({ metadata }) => metadata.includes('"first"')).length
    return new Map([...committed].map(([partition, position]) => [partition, shown(groupId, position)]))
  }
}
