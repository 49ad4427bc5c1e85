import type { VisitEvent } from './visit-traffic.ts'

/** One request with an event, and what came back. Times are of `performance.now`. */
export interface Attempt {
  readonly sentAt: number
  answeredAt: number | undefined
  /** The answer's status; 0 for a connection that broke or an answer that did not come in time. */
  status: number
  /** `partition-offset`; undefined where the answer has none. */
  receipt: string | undefined
}

/** One event that was sent, more than once only if it has a key by which repeats are known. */
export interface SentEvent extends VisitEvent {
  readonly attempts: Attempt[]
  /** When the first 202 came. */
  acceptedAt: number | undefined
}

/** What was sent and answered, in a bench's whole life. */
export class SentEvents {
  readonly #byId = new Map<string, SentEvent>()
  readonly #accepted: SentEvent[] = []

  add(event: VisitEvent): SentEvent {
    const sent: SentEvent = { ...event, attempts: [], acceptedAt: undefined }
    this.#byId.set(event.id, sent)
    return sent
  }

  attempt(sent: SentEvent, sentAt: number): Attempt {
    const attempt: Attempt = { sentAt, answeredAt: undefined, status: 0, receipt: undefined }
    sent.attempts.push(attempt)
    return attempt
  }

  answered(
    sent: SentEvent,
    attempt: Attempt,
    answer: { status: number; receipt: string | undefined; at: number },
  ): void {
    attempt.status = answer.status
    attempt.receipt = answer.receipt
    attempt.answeredAt = answer.at
    if (answer.status !== 202 || sent.acceptedAt !== undefined) return
    sent.acceptedAt = answer.at
    this.#accepted.push(sent)
  }

  get(id: string): SentEvent | undefined {
    return this.#byId.get(id)
  }

  all(): SentEvent[] {
    return [...this.#byId.values()]
  }

  /** Answered with 202, in the order of the answers. */
  get accepted(): readonly SentEvent[] {
    return this.#accepted
  }
}
