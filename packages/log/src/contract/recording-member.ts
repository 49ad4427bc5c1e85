import type { Assignment, Log, LogConsumer, PartitionLoop } from '../log.ts'
import type { ContractLimits } from './limits.ts'

export interface MemberOptions {
  readonly log: Log
  readonly topic: string
  readonly groupId: string
  readonly limits: ContractLimits
  readonly recordsMax?: number
  /** Instead of the loop that records every batch and commits it. */
  readonly loop?: PartitionLoop
  /** Shared by members of one test: what they handled, in the order in which they did. */
  readonly handled?: Handled[]
}

export interface Handled {
  readonly member: RecordingMember
  readonly partition: number
  readonly offset: number
  readonly text: string
}

/** A member of a group that records what it handles, commits after each fetched batch, and knows what it owns. */
export class RecordingMember {
  readonly handled: Handled[]
  readonly owned = new Set<number>()
  /** Every assignment it got, in order. */
  readonly assignments: Assignment[] = []
  readonly #options: MemberOptions
  readonly #consumer: LogConsumer
  #running: Promise<void> | undefined

  constructor(options: MemberOptions) {
    this.#options = options
    this.handled = options.handled ?? []
    const { sessionTimeoutMs, revokeMsMax } = options.limits
    const { groupId, topic } = options
    this.#consumer = options.log.consumer({ groupId, topic, sessionTimeoutMs, revokeMsMax })
  }

  /** Joins; the outcome of `run` is kept for `stopped`. */
  start(): this {
    this.#running = this.#consumer.run(async (assignment) => {
      this.owned.add(assignment.partition)
      this.assignments.push(assignment)
      try {
        await (this.#options.loop ?? ((own) => this.#record(own)))(assignment)
      } finally {
        this.owned.delete(assignment.partition)
      }
    })
    this.#running.catch(() => undefined) // whoever awaits `stopped` sees it
    return this
  }

  /** Settles as `run` does. */
  get stopped(): Promise<void> {
    return this.#running ?? Promise.resolve()
  }

  async drain(): Promise<void> {
    await this.#consumer.drain()
    await this.#running
  }

  texts(partition?: number): string[] {
    return this.handled
      .filter((handled) => partition === undefined || handled.partition === partition)
      .map(({ text }) => text)
  }

  async #record(assignment: Assignment): Promise<void> {
    const { partition, signal } = assignment
    while (!signal.aborted) {
      const records = await assignment.fetch({ recordsMax: this.#options.recordsMax ?? 100, waitMsMax: 200 })
      for (const { offset, value } of records) {
        this.handled.push({ member: this, partition, offset, text: value.toString() })
      }
      const last = records.at(-1)
      if (last !== undefined) await assignment.commit({ offset: last.offset + 1, metadata: '' })
    }
  }
}
