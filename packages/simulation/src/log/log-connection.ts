import {
  LogError,
  type AppendRecord,
  type CommittedPosition,
  type LogRecord,
  type Watermarks,
} from '@millrace/log'
import type { Network, Request } from '../machine/network.ts'
import type { Scheduler } from '../machine/scheduler.ts'
import type { SimulatedProcess } from '../machine/simulated-process.ts'
import type { Generation, GroupMember } from './group-coordinator.ts'
import type { LogServer } from './log-server.ts'

export interface LogConnectionOptions {
  readonly process: SimulatedProcess
  readonly scheduler: Scheduler
  readonly network: Network
  readonly server: LogServer
}

export interface Fetched {
  readonly records: readonly LogRecord[]
  readonly high: number
}

const requestMsMax = 2_000
/** A join waits for the whole group. */
const joinMsMax = 25_000

/** One process' requests to the log server. */
export class LogConnection {
  readonly process: SimulatedProcess
  readonly #options: LogConnectionOptions

  constructor(options: LogConnectionOptions) {
    this.#options = options
    this.process = options.process
  }

  /** Appends records of one partition. @returns the first one's offset */
  append(
    { topic, partition }: { readonly topic: string; readonly partition: number },
    records: readonly AppendRecord[],
  ): Promise<number> {
    const { server, scheduler } = this.#options
    const text = `append ${records.length} to ${shortName(topic)}-${partition}`
    return this.#ask({ step: 'append', text, workMs: this.#workMs(1, 8), canLandLate: true }, (answer) =>
      answer(server.broker.partition(topic, partition).append(records, scheduler.now)),
    )
  }

  /** Waits at the server until there are records. */
  fetch(wanted: {
    readonly topic: string
    readonly partition: number
    readonly from: number
    readonly recordsMax: number
    readonly waitMsMax: number
  }): Promise<Fetched> {
    const { server, scheduler } = this.#options
    const { topic, partition, from, recordsMax, waitMsMax } = wanted
    return this.#ask({ step: 'fetch', timeoutMs: waitMsMax + requestMsMax }, (answer) => {
      const log = server.broker.partition(topic, partition)
      const read = () => {
        const records = from < log.low ? [] : log.read(from, scheduler.random.whole(1, recordsMax))
        answer({ records, high: log.high })
      }
      if (log.read(from, 1).length > 0) {
        read()
        return
      }
      const waited = scheduler.after(waitMsMax, () => {
        log.waiting.delete(wake)
        read()
      })
      const wake = () => {
        scheduler.cancel(waited)
        read()
      }
      log.waiting.add(wake)
    })
  }

  join(
    { groupId, topic }: { readonly groupId: string; readonly topic: string },
    member: GroupMember,
  ): Promise<Generation> {
    return this.#ask({ step: 'join', timeoutMs: joinMsMax }, (answer) =>
      this.#options.server.group(groupId, topic).join(member, answer),
    )
  }

  leave({ groupId, topic }: { readonly groupId: string; readonly topic: string }, id: string): Promise<void> {
    return this.#ask({ step: 'join', text: `leave ${groupId}` }, (answer) => {
      this.#options.server.group(groupId, topic).leave(id)
      answer(undefined)
    })
  }

  commit(request: {
    readonly groupId: string
    readonly topic: string
    readonly owner: { readonly id: string; readonly generation: number }
    readonly partition: number
    readonly position: CommittedPosition
  }): Promise<void> {
    const { groupId, topic, owner, partition, position } = request
    const text = `commit ${shortName(topic)}-${partition} at ${position.offset} ${position.metadata}`
    return this.#ask({ step: 'commit', text, workMs: this.#workMs(0.5, 5) }, (answer) => {
      this.#options.server.group(groupId, topic).commit(owner, partition, position)
      answer(undefined)
    })
  }

  committed(groupId: string, topic: string): Promise<ReadonlyMap<number, CommittedPosition>> {
    return this.#ask({ step: 'fetch' }, (answer) => answer(this.#options.server.committed(groupId, topic)))
  }

  watermarks(topic: string): Promise<readonly Watermarks[]> {
    return this.#ask({ step: 'fetch' }, (answer) => answer(this.#options.server.broker.watermarks(topic)))
  }

  /** Anything else the server knows at once. */
  look<Answer>(find: (server: LogServer) => Answer): Promise<Answer> {
    return this.#ask({ step: 'fetch' }, (answer) => answer(find(this.#options.server)))
  }

  #ask<Answer>(
    request: Pick<Request<Answer>, 'step'> & Partial<Request<Answer>>,
    perform: Request<Answer>['perform'],
  ): Promise<Answer> {
    const unavailable = (why: string) =>
      new LogError(`the log: ${why}`, { code: 'LOG_UNAVAILABLE', retriable: true })
    const { network, process: from } = this.#options
    return network.ask({
      from,
      server: 'log',
      workMs: 0,
      timeoutMs: requestMsMax,
      unavailable,
      ...request,
      perform,
    })
  }

  #workMs(min: number, max: number): number {
    return this.#options.scheduler.random.between(min, max)
  }
}

function shortName(topic: string): string {
  return topic.slice(topic.lastIndexOf('.') + 1)
}
