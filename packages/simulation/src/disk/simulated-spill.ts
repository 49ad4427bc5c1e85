import { LogError, type AppendRecord } from '@millrace/log'
import type { LogLinkOptions } from '@millrace/producer/testing'
import type { Network } from '../machine/network.ts'
import type { Scheduler } from '../machine/scheduler.ts'
import type { SimulatedProcess } from '../machine/simulated-process.ts'
import type { SimulatedDisk, WaitingRecords } from './simulated-disk.ts'

export interface SimulatedSpillOptions {
  readonly process: SimulatedProcess
  readonly disk: SimulatedDisk
  readonly scheduler: Scheduler
  readonly network: Network
  /** Room of one process, in records; a full disk refuses. */
  readonly recordsMax: number
}

type SpillStore = NonNullable<LogLinkOptions['spill']>['store']

const writeMsMax = 2_000

/** What one producer has of its data directory; a write can fail, hang, or be cut short by the end of the process. */
export class SimulatedSpill implements SpillStore {
  readonly #options: SimulatedSpillOptions
  readonly #own: WaitingRecords
  #leftBehind: WaitingRecords[] = []
  #peeked: WaitingRecords

  constructor(options: SimulatedSpillOptions) {
    this.#options = options
    this.#own = options.disk.openQueue(options.process)
    this.#peeked = this.#own
    this.#claimLeftBehind()
  }

  get lastRawPartitions(): number | undefined {
    return this.#options.disk.rawPartitions
  }

  seeRawPartitions(count: number): void {
    this.#options.disk.rawPartitions = count
  }

  get length(): number {
    return [...this.#leftBehind, this.#own].reduce((sum, { records }) => sum + records.length, 0)
  }

  get fill(): number {
    return this.#own.records.length / this.#options.recordsMax
  }

  append(records: readonly AppendRecord[]): Promise<void> {
    return this.#write(`spill ${records.length}`, () => {
      if (this.#own.records.length + records.length > this.#options.recordsMax) {
        throw new LogError('the disk is full', { code: 'LOG_FULL', retriable: true })
      }
      this.#own.records.push(...records)
    })
  }

  peek(max: { readonly records: number; readonly bytes: number }): readonly AppendRecord[] {
    this.#leftBehind = this.#leftBehind.filter(({ records }) => records.length > 0)
    this.#peeked = this.#leftBehind[0] ?? this.#own
    return this.#peeked.records.slice(0, max.records)
  }

  drop(count: number): Promise<void> {
    const queue = this.#peeked
    return this.#write(`drop ${count} that were spilled`, () => {
      queue.records.splice(0, count)
    })
  }

  rest(): Promise<void> {
    return Promise.resolve()
  }

  adoptLeftBehind(): Promise<boolean> {
    return Promise.resolve(this.#claimLeftBehind())
  }

  close(): Promise<void> {
    for (const queue of [this.#own, ...this.#leftBehind]) queue.owner = undefined
    return Promise.resolve()
  }

  #claimLeftBehind(): boolean {
    const { disk, process } = this.#options
    const claimed = disk.claimLeftBehind(process)
    this.#leftBehind.push(...claimed)
    return claimed.length > 0
  }

  #write(text: string, change: () => void): Promise<void> {
    const { network, process: from, scheduler } = this.#options
    return network.ask({
      from,
      server: 'disk',
      step: 'spill',
      text,
      workMs: scheduler.random.between(0.5, 20),
      timeoutMs: writeMsMax,
      unavailable: (why) => new LogError(`the disk: ${why}`, { code: 'LOG_UNAVAILABLE', retriable: true }),
      perform: (answer) => {
        change()
        answer(undefined)
      },
    })
  }
}
