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

  committed(groupId: string, topic: string): ReadonlyMap<number, CommittedPosition> {
    const { shown } = this.#options
    const { committed } = this.group(groupId, topic)
    this.intentsFound += [...committed.values()].filter(({ metadata }) => metadata.includes('"first"')).length
    return new Map([...committed].map(([partition, position]) => [partition, shown(groupId, position)]))
  }
}
