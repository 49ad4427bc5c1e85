import { LogError, type AppendRecord, type LogAppender, type Position } from '@millrace/log'
import { assert, delay } from '@millrace/runtime'
import { firstOf } from '../first-of.ts'
import { SpillCourse } from './course.ts'

/** Where records wait for the log, in order, across restarts. */
export interface SpillStore {
  /** Records in it. */
  readonly length: number
  /** Resolves once the records are durable. One call at a time. @throws LogError */
  append(records: readonly AppendRecord[]): Promise<void>
  /** The oldest records; they stay until they are dropped. @throws LogError */
  peek(max: { readonly records: number; readonly bytes: number }): readonly AppendRecord[]
  /**
   * Drops the oldest of those that were looked at last.
   * @throws LogError when that could not be written: they are there again after a restart
   */
  drop(count: number): Promise<void>
  /** Told that nothing waits, and for now nothing comes. */
  rest(): Promise<void>
}

/** Told of what happens, in the order in which it does. */
export interface SpillingEvents {
  spillBegan(why: unknown): void
  spilled(records: number): void
  /** The log has taken records that waited: for the first time, or again. */
  drained(records: readonly AppendRecord[], positions: readonly Position[]): void
  /** The log has everything, and gets new events again. */
  spillEnded(): void
  drainFailed(error: unknown): void
}

export interface SpillingOptions {
  readonly store: SpillStore
  readonly events: SpillingEvents
  /** How long the oldest of the records has waited before it was handed over. */
  readonly waitedMs: () => number
  readonly limits: {
    /** How long records may wait for a log that fails, hangs or is slow before they go to the disk. */
    readonly spillAfterMs: number
    readonly retryDelayMs: number
    /** Of one append of the drain. */
    readonly drainRecordsMax: number
    readonly drainBytesMax: number
    readonly drainDelayMs: number
  }
}

const notConnected = unavailable('not connected yet')
const noAnswer = unavailable('the log does not answer')

/** Of `spillAfterMs`: what the log is given though the records have waited for long, as when this process was held up. */
const patienceShareMin = 0.25

/**
 * Appends to the log; when that fails or hangs for too long, writes the records to the disk instead, and brings them to
 * the log later, in their order. A record whose fate in the log is not known is written and sent again unchanged: by its
 * producer's sequence the enricher knows it for the one it has.
 */
export class SpillingAppender implements LogAppender {
  readonly #options: SpillingOptions
  readonly #course: SpillCourse
  readonly #stopping = new AbortController()
  #log: LogAppender | undefined
  /** The append to the log that a caller began, whether or not somebody still waits for it; never rejects. */
  #inLog: Promise<void> | undefined
  /** The write to the disk that is under way; never rejects. */
  #inDisk: Promise<void> | undefined
  #draining: Promise<void> | undefined
  #drainRecordsMax: number
  /** Resolves when those who wait for the drain to reach its end may go on. */
  #moved = deferred()

  constructor(options: SpillingOptions) {
    this.#options = options
    this.#drainRecordsMax = options.limits.drainRecordsMax
    const left = options.store.length > 0
    this.#course = new SpillCourse(left)
    if (left) options.events.spillBegan('events of an earlier run wait on the disk')
  }

  get stage(): SpillCourse['stage'] {
    return this.#course.stage
  }

  /** The log is there: what waits is drained into it from now on. */
  attach(log: LogAppender): void {
    assert(this.#log === undefined, 'the log is attached once')
    this.#log = log
    this.#startDrain()
  }

  /** Records of another process have turned up in the store: they go before new ones. */
  foundOlder(): void {
    this.#turnAway('events of an ended process were found')
  }

  /** Resolves with the records' places, or with none once they are on the disk. One call at a time. */
  async append(records: readonly AppendRecord[]): Promise<readonly Position[]> {
    if (this.#course.way === 'wait') await this.#whileClosing()
    return this.#course.way === 'log' ? this.#appendInTime(records) : this.#spill(records)
  }

  /** Drains on for a while, then leaves the rest on the disk. The log may be closed afterwards, and then this. */
  async stop(msMax: number): Promise<void> {
    if (this.#draining !== undefined) await firstOf(this.#draining, msMax)
    this.#stopping.abort()
  }

  /** Resolves when the store is in use no more; the log must have been closed, so that nothing hangs in it. */
  async close(): Promise<void> {
    await this.#draining
    await this.#inDisk
  }

  async #whileClosing(): Promise<void> {
    const giveUp = new AbortController()
    const late = delay(this.#options.limits.spillAfterMs, giveUp.signal).then(() => 'late')
    while (this.#course.way === 'wait') {
      if ((await Promise.race([this.#moved.promise, late])) === 'late') this.#turnAway('the drain hangs')
    }
    giveUp.abort()
  }

  /** To the log, or, when it does not take the records in time, to the disk. */
  async #appendInTime(records: readonly AppendRecord[]): Promise<readonly Position[]> {
    const { limits, waitedMs } = this.#options
    const { spillAfterMs, retryDelayMs } = limits
    const patienceMs = Math.max(spillAfterMs - waitedMs(), spillAfterMs * patienceShareMin)
    const deadline = performance.now() + patienceMs
    let why: unknown = notConnected
    while (this.#log !== undefined && this.#course.way === 'log') {
      const outcome = await this.#tryLog(this.#log, records, deadline)
      if ('value' in outcome) return outcome.value
      if (!isTroubleOfLog(outcome.error)) throw outcome.error
      why = outcome.error
      if (deadline - performance.now() <= retryDelayMs) break
      await delay(retryDelayMs)
    }
    this.#turnAway(why)
    return this.#spill(records) // at once: no new event may find the way to the log open in between
  }

  async #tryLog(
    log: LogAppender,
    records: readonly AppendRecord[],
    deadline: number,
  ): Promise<Outcome<readonly Position[]>> {
    this.#course.logBegan('caller')
    const attempt = outcomeOf(log.append(records))
    this.#inLog = attempt.then(() => {
      this.#inLog = undefined
      this.#course.logEnded()
    })
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<Outcome<never>>((resolve) => {
      timer = setTimeout(resolve, Math.max(0, deadline - performance.now()), { error: noAnswer })
    })
    const outcome = await Promise.race([attempt, late])
    clearTimeout(timer)
    return outcome
  }

  async #spill(records: readonly AppendRecord[]): Promise<readonly Position[]> {
    const { store, events } = this.#options
    this.#course.diskBegan()
    const writing = outcomeOf(store.append(records))
    this.#inDisk = writing.then(() => {
      this.#inDisk = undefined
      this.#course.diskEnded()
    })
    const outcome = await writing
    if ('error' in outcome) throw outcome.error
    events.spilled(records.length)
    return []
  }

  #turnAway(why: unknown): void {
    const begins = this.#course.stage === 'direct'
    this.#course.turnAway()
    this.#goOn()
    if (begins) this.#options.events.spillBegan(why)
    this.#startDrain()
  }

  #goOn(): void {
    this.#moved.resolve()
    this.#moved = deferred()
  }

  #startDrain(): void {
    const log = this.#log
    const isWanted = this.#course.stage !== 'direct' && !this.#stopping.signal.aborted
    if (log === undefined || !isWanted || this.#draining !== undefined) return
    this.#draining = this.#drain(log).finally(() => {
      this.#draining = undefined
      this.#startDrain() // the log may have failed again since it was direct
    })
  }

  async #drain(log: LogAppender): Promise<void> {
    const { store, events, limits } = this.#options
    await this.#inLog
    while (!this.#stopping.signal.aborted) {
      const trouble = await this.#drainSome(log)
      if (trouble !== undefined) {
        this.#turnAway(trouble)
        events.drainFailed(trouble)
        await delay(limits.drainDelayMs, this.#stopping.signal)
      } else if (this.#course.reopen(store.length > 0)) {
        this.#goOn()
        events.spillEnded()
        await report(store.rest(), events)
        return
      }
    }
  }

  /** One append, or where nothing waits, until what is being written does. @returns why there is no getting on */
  async #drainSome(log: LogAppender): Promise<unknown> {
    const { store, events, limits } = this.#options
    const peeked = this.#peek()
    if ('error' in peeked) return peeked.error
    const batch = peeked.value
    if (batch.length === store.length) this.#course.close()
    if (batch.length === 0) {
      assert(store.length === 0, 'what waits can be looked at')
      await this.#inDisk
      return undefined
    }
    this.#course.logBegan('drain')
    const outcome = await outcomeOf(log.append(batch))
    this.#course.logEnded()
    if ('error' in outcome) {
      if (isTooLarge(outcome.error)) this.#drainRecordsMax = Math.ceil(batch.length / 2)
      return outcome.error
    }
    this.#drainRecordsMax = limits.drainRecordsMax
    this.#course.drained()
    events.drained(batch, outcome.value)
    await report(store.drop(batch.length), events)
    return undefined
  }

  #peek(): Outcome<readonly AppendRecord[]> {
    const { store, limits } = this.#options
    try {
      return { value: store.peek({ records: this.#drainRecordsMax, bytes: limits.drainBytesMax }) }
    } catch (error) {
      if (!(error instanceof LogError)) throw error
      return { error }
    }
  }
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown }

function outcomeOf<T>(promise: Promise<T>): Promise<Outcome<T>> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
}

/** For what can fail without harm to the records: they are sent again at worst, and known for repeats. */
async function report(work: Promise<void>, events: SpillingEvents): Promise<void> {
  const outcome = await outcomeOf(work)
  if ('error' in outcome) events.drainFailed(outcome.error)
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

/** Whether the disk can help: a record that the log refuses for its size, or a bug, is nothing that passes. */
function isTroubleOfLog(error: unknown): boolean {
  return error instanceof LogError && !isTooLarge(error)
}

function isTooLarge(error: unknown): boolean {
  return error instanceof LogError && error.code === 'RECORD_TOO_LARGE'
}

function unavailable(message: string): LogError {
  return new LogError(message, { code: 'LOG_UNAVAILABLE', retriable: true })
}
