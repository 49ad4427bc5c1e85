import { performance } from 'node:perf_hooks'
import { delay } from '@millrace/runtime'
import { Pool } from 'undici'
import { dispatch, type Answer } from './dispatch.ts'
import { Latencies } from './latency.ts'
import { OutcomeCounts, type SendOutcome } from './send-outcome.ts'
import type { TrafficRequest } from './traffic-request.ts'
import { VisitorQueue, type DueRequest } from './visitor-queue.ts'

export type { Answer } from './dispatch.ts'

export interface OpenLoopOptions {
  readonly traffic: { next(): TrafficRequest }
  /** Base; the requests have their paths. */
  readonly url: string | URL
  /** A second; steady, whatever the server does. */
  readonly rate: number
  /** What `rate` and `count` count. Default requests. */
  readonly unit?: 'requests' | 'events'
  /** Ends after so many, or so many seconds, whichever comes first; one of both must be given. */
  readonly count?: number
  readonly seconds?: number
  /** Kept alive; each carries one request at a time. Default 64. */
  readonly connections?: number
  /** At the start, counted in everything but latencies and the achieved rate. Default 0. */
  readonly warmUpS?: number
  /** Requests that are due and wait, for a connection or for their visitor's answer before; more are given up. Default 50,000. */
  readonly waitingMax?: number
  /** An answer that takes longer is a failure. Default 30 s. */
  readonly answerMsMax?: number
  /** Once a second. */
  readonly onProgress?: (progress: SendProgress) => void
  /** For each answer, before the visitor's next request leaves. */
  readonly onAnswer?: (request: TrafficRequest, answer: Answer) => void
  /** Stops sending; what is under way is waited for. */
  readonly signal?: AbortSignal
}

export interface SendProgress {
  /** Seconds since the start. */
  readonly elapsedS: number
  /** Of what is to be sent, 0 to 1. */
  readonly share: number
  readonly due: number
  readonly answered: number
  readonly failed: number
  readonly unsent: number
  /** Due, and not yet sent. */
  readonly waiting: number
  /** Answers in the last second. */
  readonly rate: number
  /** Of the last second's answers, from when each was due. */
  readonly p50Ms: number
  readonly p99Ms: number
}

/**
 * Sends at a fixed rate, in an open loop: each request leaves when it is due whether or not earlier ones were answered, and its
 * time counts from when it was due, so that a stalled server shows in the latencies of all that it held up. Requests leave in
 * bursts of a millisecond. The requests of one visitor follow one another.
 * @returns when all that was due is answered or has failed; what is left when no answer came for `answerMsMax` has failed
 */
export function sendOpenLoop(options: OpenLoopOptions): Promise<SendOutcome> {
  return new OpenLoop(options).run()
}

/** Between looks at the clock; Node's timers know nothing shorter. */
const tickMs = 1
const progressMs = 1_000

class OpenLoop {
  readonly #options: OpenLoopOptions
  readonly #pool: Pool
  readonly #connections: number
  readonly #waitingMax: number
  readonly #answerMsMax: number
  readonly #queue = new VisitorQueue()
  readonly #counts = new OutcomeCounts()
  readonly #latencies = new Latencies()
  readonly #lastSecond = new Latencies()
  readonly #startedAt = performance.now()
  readonly #cpuAtStart = process.cpuUsage()
  readonly #measuredFrom: number
  #measured = 0
  /** The last. */
  #answeredAt = 0
  #measuredTo: number
  #underWay = 0
  #progressAt: number
  #isClosed = false
  #onIdle: (() => void) | undefined

  constructor(options: OpenLoopOptions) {
    const { url, count, seconds, connections = 64, answerMsMax = 30_000 } = options
    if (count === undefined && seconds === undefined) throw new Error('bug: neither count nor seconds')
    this.#options = options
    this.#connections = connections
    this.#answerMsMax = answerMsMax
    this.#waitingMax = options.waitingMax ?? 50_000
    this.#pool = new Pool(new URL(url).origin, {
      connections,
      pipelining: 1,
      headersTimeout: answerMsMax,
      bodyTimeout: answerMsMax,
    })
    this.#measuredFrom = this.#startedAt + (options.warmUpS ?? 0) * 1_000
    this.#measuredTo = this.#measuredFrom
    this.#progressAt = this.#startedAt + progressMs
  }

  async run(): Promise<SendOutcome> {
    await this.#sendAll()
    if (this.#underWay > 0 || this.#queue.waiting > 0) await this.#drained()
    await this.#close()
    return this.#outcome()
  }

  async #sendAll(): Promise<void> {
    const { rate, unit, count = Infinity, seconds = Infinity, signal } = this.#options
    const endsAt = this.#startedAt + seconds * 1_000
    for (let sent = 0; signal?.aborted !== true;) {
      const now = performance.now()
      for (let dueAt = this.#dueAt(sent, rate); dueAt <= now; dueAt = this.#dueAt(sent, rate)) {
        if (sent >= count || dueAt >= endsAt) return
        const request = this.#options.traffic.next()
        this.#offer({ request, dueAt, next: undefined })
        sent += unit === 'events' ? request.events : 1
      }
      this.#report(Math.max(sent / count, (now - this.#startedAt) / 1_000 / seconds))
      await delay(tickMs)
    }
  }

  #dueAt(sent: number, rate: number): number {
    return this.#startedAt + (sent / rate) * 1_000
  }

  #offer(due: DueRequest): void {
    this.#counts.offer(due.request)
    if (this.#queue.waiting >= this.#waitingMax) {
      this.#counts.unsent++
      return
    }
    this.#queue.add(due)
    this.#pump()
  }

  #pump(): void {
    while (!this.#isClosed && this.#underWay < this.#connections) {
      const due = this.#queue.take()
      if (due === undefined) return
      this.#underWay++
      dispatch(this.#pool, due.request, {
        onAnswer: (answer) => {
          this.#answered(due, answer)
        },
        onFailure: (cause) => {
          this.#counts.fail(cause)
          this.#end(due)
        },
      })
    }
  }

  #answered(due: DueRequest, answer: Answer): void {
    const now = performance.now()
    this.#answeredAt = now
    this.#counts.answer(due.request, answer)
    this.#lastSecond.record(now - due.dueAt)
    if (due.dueAt >= this.#measuredFrom) {
      this.#latencies.record(now - due.dueAt)
      this.#measured++
      this.#measuredTo = now
    }
    this.#options.onAnswer?.(due.request, answer)
    this.#end(due)
  }

  #end(due: DueRequest): void {
    this.#underWay--
    this.#queue.done(due)
    this.#pump()
    if (this.#underWay === 0 && this.#queue.waiting === 0) this.#onIdle?.()
  }

  /** All that was due is answered or has failed, or no answers come any more. */
  async #drained(): Promise<void> {
    const isIdle = new AbortController()
    this.#onIdle = () => {
      isIdle.abort()
    }
    this.#answeredAt = performance.now()
    for (let leftMs = this.#answerMsMax; leftMs > 0 && !isIdle.signal.aborted;) {
      this.#report(1)
      await delay(Math.min(progressMs, leftMs), isIdle.signal)
      leftMs = this.#answeredAt + this.#answerMsMax - performance.now()
    }
  }

  /** What is left has failed. */
  async #close(): Promise<void> {
    this.#isClosed = true
    for (let left = this.#queue.waiting; left > 0; left--) this.#counts.fail('not sent in time')
    await this.#pool.destroy(new Error('not answered in time'))
  }

  #report(share: number): void {
    const now = performance.now()
    if (now < this.#progressAt) return
    const { onProgress } = this.#options
    const sinceMs = progressMs + now - this.#progressAt
    this.#progressAt = now + progressMs
    const { due, answered, failed, unsent } = this.#counts
    const { p50, p99 } = this.#lastSecond.read()
    onProgress?.({
      elapsedS: (now - this.#startedAt) / 1_000,
      share: Math.min(1, share),
      due,
      answered,
      failed,
      unsent,
      waiting: this.#queue.waiting,
      rate: (this.#lastSecond.count / sinceMs) * 1_000,
      p50Ms: p50,
      p99Ms: p99,
    })
    this.#lastSecond.reset()
  }

  #outcome(): SendOutcome {
    const { due, answered, failed, failures, unsent, accepted, dropped, dueEvents, protocols } = this.#counts
    const { user, system } = process.cpuUsage(this.#cpuAtStart)
    const measuredMs = this.#measuredTo - this.#measuredFrom
    return {
      due,
      answered,
      failed,
      failures,
      unsent,
      events: { due: dueEvents, accepted, dropped },
      protocols,
      latencyMs: this.#latencies.read(),
      achievedRate: measuredMs > 0 ? (this.#measured / measuredMs) * 1_000 : 0,
      seconds: (performance.now() - this.#startedAt) / 1_000,
      cpuUsPerRequest: due === 0 ? 0 : (user + system) / due,
    }
  }
}
