import type { VisitEvent } from './visit-traffic.ts'

/** One event that was sent, and what came back. Times are of `performance.now`. */
export interface SentEvent extends VisitEvent {
  readonly sentAt: number
  answeredAt: number | undefined
  /** The answer's status; 0 for a connection that broke or an answer that did not come in time. */
  status: number
  /** `partition-offset`; undefined where the answer has none. */
  receipt: string | undefined
}

/** What was sent and answered, in a bench's whole life. */
export class SentEvents {
  readonly #byId = new Map<string, SentEvent>()
  readonly #accepted: SentEvent[] = []

  add(event: VisitEvent, sentAt: number): SentEvent {
    const sent: SentEvent = { ...event, sentAt, answeredAt: undefined, status: 0, receipt: undefined }
    this.#byId.set(event.id, sent)
    return sent
  }

  answered(sent: SentEvent, answer: { status: number; receipt: string | undefined; at: number }): void {
    sent.status = answer.status
    sent.receipt = answer.receipt
    sent.answeredAt = answer.at
    if (answer.status === 202) this.#accepted.push(sent)
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
