/** A machine with a producer that is killed and started again, its disk, and a log elsewhere: on a clock of its own. */
import { Batcher, LogError, type AppendRecord, type LogAppender, type Position } from '@millrace/log'
import { delay } from '@millrace/runtime'
import { vi } from 'vitest'
import { SpillingAppender, type SpillStore } from './appender.ts'

/** What the log does with an append. */
export const logMoods = ['takes', 'is slow', 'refuses', 'loses answers', 'takes half', 'hangs'] as const
export type LogMood = (typeof logMoods)[number]
/** What the disk does with a write. */
export const diskMoods = ['takes', 'is full', 'loses answers'] as const
export type DiskMood = (typeof diskMoods)[number]

export interface ModelEvent {
  readonly producer: number
  readonly partition: number
  readonly sequence: number
}

type Chance = () => number

const partitions = 2
const topic = 'model'
const lateMsMax = 30_000
/** Of one append: in time, but too long where many wait. */
const slowMs = 900
const limits = {
  spillAfterMs: 1_000,
  retryDelayMs: 100,
  drainRecordsMax: 20,
  drainBytesMax: 1_000_000,
  drainDelayMs: 250,
}
const silent = {
  spillBegan: () => undefined,
  spilled: () => undefined,
  drained: () => undefined,
  spillEnded: () => undefined,
  drainFailed: () => undefined,
}

/** Usually a moment, at times long. */
function latencyMs(chance: Chance, longest: number): number {
  return 1 + chance() * (chance() < 0.8 ? 20 : longest)
}

/** The log: takes what it is sent, at times late, at times without an answer. */
export class ModelLog {
  mood: LogMood = 'takes'
  /** A producer began an append before its last one had settled. */
  appendsAtOnce = 0
  readonly partitions: AppendRecord[][] = Array.from({ length: partitions }, () => [])
  readonly #chance: Chance

  constructor(chance: Chance) {
    this.#chance = chance
  }

  /** What the enricher passes on of a partition: nothing that is not above its producer's last sequence. */
  stored(partition: number): ModelEvent[] {
    const last = new Map<number, number>()
    return (this.partitions[partition] ?? []).map(eventOf).filter(({ producer, sequence }) => {
      if (sequence <= (last.get(producer) ?? 0)) return false
      last.set(producer, sequence)
      return true
    })
  }

  async carryOut(records: readonly AppendRecord[], client: ModelClient): Promise<readonly Position[]> {
    const { mood } = this
    await delay(latencyMs(this.#chance, 800))
    if (mood === 'is slow') await delay(slowMs)
    while (mood === 'hangs' && this.mood === 'hangs' && !client.isDead) await delay(50)
    if (client.isDead) return this.#orphan(records)
    if (mood === 'takes' || mood === 'is slow') return this.#write(records)
    if (mood === 'hangs' && this.#chance() < 0.4) return this.#write(records)
    const half = Math.floor(this.#chance() * partitions)
    if (mood === 'takes half') this.#write(records.filter(({ partition }) => partition === half))
    if (mood === 'loses answers' || (mood === 'hangs' && this.#chance() < 0.5)) this.#write(records)
    throw new LogError('trouble', { code: 'LOG_UNAVAILABLE', retriable: this.#chance() < 0.8 })
  }

  /** On its way when its sender died: it may arrive, now or much later. */
  async #orphan(records: readonly AppendRecord[]): Promise<never> {
    await delay(this.#chance() * lateMsMax)
    if (this.#chance() < 0.5) this.#write(records)
    return never()
  }

  #write(records: readonly AppendRecord[]): Position[] {
    return records.map((record) => {
      const own = this.partitions[record.partition] ?? []
      return { partition: record.partition, offset: own.push(record) - 1 }
    })
  }
}

/** The way of one producer to the log: no further than its life. */
export class ModelClient implements LogAppender {
  isDead = false
  #isBusy = false
  readonly #log: ModelLog

  constructor(log: ModelLog) {
    this.#log = log
  }

  async append(records: readonly AppendRecord[]): Promise<readonly Position[]> {
    if (this.isDead) return never()
    if (this.#isBusy) this.#log.appendsAtOnce++
    this.#isBusy = true
    try {
      return await this.#log.carryOut(records, this)
    } finally {
      this.#isBusy = false
    }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

/** The disk, which outlives the producer. */
export class ModelDisk {
  mood: DiskMood = 'takes'
  records: AppendRecord[] = []
  /** Records removed before the first. */
  base = 0
  readonly chance: Chance

  constructor(chance: Chance) {
    this.chance = chance
  }
}

export class ModelStore implements SpillStore {
  #isDead = false
  readonly #disk: ModelDisk
  #next: number

  constructor(disk: ModelDisk) {
    this.#disk = disk
    this.#next = disk.base
  }

  kill(): void {
    this.#isDead = true
  }

  isDead(): boolean {
    return this.#isDead
  }

  get length(): number {
    return this.isDead() ? 0 : this.#disk.base + this.#disk.records.length - this.#next
  }

  async append(records: readonly AppendRecord[]): Promise<void> {
    const { mood, chance } = this.#disk
    if (this.isDead()) return never()
    await delay(latencyMs(chance, 300))
    if (this.isDead() && chance() < 0.5) return never()
    if (mood === 'is full') throw new LogError('full', { code: 'LOG_FULL', retriable: true })
    this.#disk.records.push(...records)
    if (this.isDead()) return never()
    if (mood === 'takes') return
    throw new LogError('no answer', { code: 'LOG_UNAVAILABLE', retriable: true })
  }

  peek(max: { readonly records: number }): readonly AppendRecord[] {
    const from = this.#next - this.#disk.base
    return this.isDead() ? [] : this.#disk.records.slice(from, from + max.records)
  }

  async drop(count: number): Promise<void> {
    const { mood, chance } = this.#disk
    if (this.isDead()) return never()
    this.#next += count
    await delay(latencyMs(chance, 300))
    if (this.isDead()) return never()
    if (mood !== 'takes') throw new LogError('not removed', { code: 'LOG_FULL', retriable: true })
    // Records are removed with those that were written together, so some may stay for now.
    const kept = this.length === 0 ? 0 : Math.floor(chance() * 3)
    const removed = Math.max(0, this.#next - kept - this.#disk.base)
    this.#disk.records.splice(0, removed)
    this.#disk.base += removed
  }

  rest(): Promise<void> {
    return Promise.resolve()
  }
}

/** One run of the producer, from the batcher on. */
export class ModelProducer {
  readonly #number: number
  readonly #store: ModelStore
  readonly #spilling: SpillingAppender
  readonly #batcher: Batcher
  readonly #sequences = new Array<number>(partitions).fill(0)
  #client: ModelClient | undefined

  constructor(number: number, disk: ModelDisk) {
    this.#number = number
    this.#store = new ModelStore(disk)
    const waitedMs = (): number => this.#batcher.waitedMs
    this.#spilling = new SpillingAppender({ store: this.#store, waitedMs, events: silent, limits })
    this.#batcher = new Batcher({
      appender: this.#spilling,
      batchRecordsMax: 100,
      batchBytesMax: 1_000_000,
      backlogRecordsMax: 1_000_000,
      backlogBytesMax: 1_000_000_000,
      deadlineMs: 5_000,
    })
  }

  get isAtRest(): boolean {
    return this.#spilling.stage === 'direct' && this.#batcher.fill === 0
  }

  connect(log: ModelLog): void {
    if (this.#client !== undefined) return
    this.#client = new ModelClient(log)
    this.#spilling.attach(this.#client)
  }

  /** @returns the events and where they are in the log, or nowhere yet */
  async send(count: number, chance: Chance): Promise<{ events: ModelEvent[]; places: readonly Position[] }> {
    const events = Array.from({ length: count }, () => {
      const partition = Math.floor(chance() * partitions)
      const sequence = (this.#sequences[partition] ?? 0) + 1
      this.#sequences[partition] = sequence
      return { producer: this.#number, partition, sequence }
    })
    return { events, places: await this.#batcher.append(events.map(recordOf)) }
  }

  kill(): void {
    this.#store.kill()
    if (this.#client !== undefined) this.#client.isDead = true
  }

  async stop(): Promise<void> {
    await this.#batcher.drain()
    await this.#spilling.stop(3_000)
    this.kill()
  }
}

const realImmediate = setImmediate

/** Lets the work go on, on the clock of the model, until it is done. */
export async function untilDone<T>(work: Promise<T>): Promise<T> {
  const state = { isDone: false }
  const end = (): void => {
    state.isDone = true
  }
  work.then(end, end)
  for (;;) {
    await new Promise(realImmediate)
    if (state.isDone) return work
    if (vi.getTimerCount() === 0) throw new Error('the work waits for nothing')
    vi.advanceTimersToNextTimer()
  }
}

function recordOf(event: ModelEvent): AppendRecord {
  return { topic, partition: event.partition, key: null, value: Buffer.from(JSON.stringify(event)) }
}

export function eventOf({ value }: AppendRecord): ModelEvent {
  return JSON.parse(value.toString()) as ModelEvent
}

function never(): Promise<never> {
  return new Promise(() => undefined)
}
