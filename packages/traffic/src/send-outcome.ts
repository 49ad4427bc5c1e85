import { assert } from '@millrace/runtime'
import type { Protocol } from '@millrace/events'
import type { LatencyMs } from './latency.ts'
import type { TrafficRequest } from './traffic-request.ts'

export interface ProtocolCounts {
  readonly requests: number
  /** In those requests. */
  readonly events: number
  /** Events of requests that were answered with 2xx. */
  readonly accepted: number
  /** Of the accepted: refused by a rule, as far as the answers say it (Plausible's do). */
  readonly dropped: number
  /** Requests by the status of their answer. */
  readonly status: Readonly<Record<number, number>>
}

export interface SendOutcome {
  /** What was to be sent: requests whose time came. */
  readonly due: number
  readonly answered: number
  /** Requests without an answer: the connection failed, or the answer took too long. */
  readonly failed: number
  /** Of those requests, by what went wrong. */
  readonly failures: Readonly<Record<string, number>>
  /** Requests given up because as many as `waitingMax` waited to be sent already; not sent at all. */
  readonly unsent: number
  readonly events: { readonly due: number; readonly accepted: number; readonly dropped: number }
  readonly protocols: Readonly<Partial<Record<Protocol, ProtocolCounts>>>
  /** From when each was due to its answer, of the answered ones due after the warm-up. */
  readonly latencyMs: LatencyMs
  /** Requests a second, from the end of the warm-up to the last answer. */
  readonly achievedRate: number
  /** From the first due to the last answer, the warm-up included. */
  readonly seconds: number
  /** CPU time of this process for each request, user and system, microseconds: what generating and sending cost. */
  readonly cpuUsPerRequest: number
}

/** Counts as requests end. */
export class OutcomeCounts {
  due = 0
  answered = 0
  failed = 0
  unsent = 0
  accepted = 0
  dropped = 0
  dueEvents = 0
  readonly failures: Record<string, number> = {}
  readonly protocols: Partial<Record<Protocol, Mutable<ProtocolCounts>>> = {}

  offer(request: TrafficRequest): void {
    this.due++
    this.dueEvents += request.events
    const counts = (this.protocols[request.protocol] ??= {
      requests: 0,
      events: 0,
      accepted: 0,
      dropped: 0,
      status: {},
    })
    counts.requests++
    counts.events += request.events
  }

  answer(
    request: TrafficRequest,
    { status, dropped }: { readonly status: number; readonly dropped: number },
  ): void {
    this.answered++
    const counts = this.protocols[request.protocol]
    assert(counts !== undefined, 'offered before it is answered')
    counts.status[status] = (counts.status[status] ?? 0) + 1
    if (status < 200 || status > 299) return
    counts.accepted += request.events
    counts.dropped += dropped
    this.accepted += request.events
    this.dropped += dropped
  }

  fail(cause: string): void {
    this.failed++
    this.failures[cause] = (this.failures[cause] ?? 0) + 1
  }
}

type Mutable<Counts> = {
  -readonly [Key in keyof Counts]: Key extends 'status' ? Record<number, number> : Counts[Key]
}
