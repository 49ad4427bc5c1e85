import type { AppendRecord } from '@millrace/log'
import type { SimulatedProcess } from '../machine/simulated-process.ts'

/** Records that wait on a disk, in order, and the process that has them open. */
export interface WaitingRecords {
  owner: SimulatedProcess | undefined
  records: AppendRecord[]
}

/** A data directory of producers: outlives the processes that write into it. */
export class SimulatedDisk {
  rawPartitions: number | undefined
  readonly #queues: WaitingRecords[] = []

  /** Records that wait. */
  get length(): number {
    return this.#queues.reduce((sum, { records }) => sum + records.length, 0)
  }

  openQueue(owner: SimulatedProcess): WaitingRecords {
    const queue = { owner, records: [] }
    this.#queues.push(queue)
    return queue
  }

  /** Queues whose process has ended: a lock dies with its process, and only then. */
  claimLeftBehind(owner: SimulatedProcess): WaitingRecords[] {
    const left = this.#queues.filter((queue) => {
      return queue.records.length > 0 && (queue.owner === undefined || queue.owner.isDead)
    })
    for (const queue of left) queue.owner = owner
    return left
  }
}
