import type { EnrichedEvent } from '@millrace/events'
import { clientMarkOf, type ClientMark } from './client-event.ts'
import { ClientIdMemory, stepSecondsOf } from './client-id-memory.ts'
import type { InternalEvents } from './internal-events.ts'
import { RangeRepeats } from './range-repeats.ts'
import type { RepeatHistory } from './repeat-recovery.ts'
import type { StoredRows } from './session-recovery.ts'

/** How far behind the newest an event may be received to be judged from memory; a later one costs a query. */
const latenessS = 60

export interface RepeatLimits {
  /** How far apart in received time two events with one client event id are one event. Seconds; 0 turns it off. */
  readonly windowS: number
  /** The most client event ids of a partition in memory between insert batches. */
  readonly idsMax: number
}

export interface PartitionRepeatsOptions {
  readonly history: RepeatHistory
  readonly limits: RepeatLimits
  readonly internalEvents: InternalEvents
  /** Milliseconds, monotonic. */
  readonly now: () => number
  /** Milliseconds since the epoch. */
  readonly wallClock: () => number
}

/** How one range asks: what is stored before it, and with what patience. */
export interface RangeQuestions {
  readonly rows: StoredRows
  readonly ask: <Answer>(question: () => Promise<Answer>) => Promise<Answer>
}

/**
 * What clients have sent before, for one partition in the hands of this member. Its memory is of stored ranges only: it is
 * built when the first event with a client event id comes, and advances when a range is stored.
 */
export class PartitionRepeats {
  readonly #options: PartitionRepeatsOptions
  #memory: ClientIdMemory | undefined

  constructor(options: PartitionRepeatsOptions) {
    this.#options = options
  }

  /**
   * What the next events of a range are judged by.
   * @param before what this returned for the events before them in the range
   * @returns undefined where no event so far can be a repeat, as none has a client event id
   */
  async ofRange(
    events: readonly EnrichedEvent[],
    questions: RangeQuestions,
    before?: RangeRepeats,
  ): Promise<RangeRepeats | undefined> {
    const { history, limits, internalEvents } = this.#options
    const { windowS } = limits
    if (windowS === 0) return undefined
    const marked = events.filter(({ clientEventId }) => clientEventId !== '')
    if (marked.length === 0) return before
    const marks = new Map(marked.map((event) => [event, clientMarkOf(event)]))
    const memory = (this.#memory ??= await this.#rebuilt([...marks.values()], questions))
    const repeats = before ?? new RangeRepeats({ windowS })
    repeats.expect(marks)
    const suspects = [...marks].flatMap(([event, mark]) => (memory.mustRecall(mark) ? [event] : []))
    if (suspects.length > 0) {
      const query = { events: suspects, windowS }
      repeats.recall(await questions.ask(() => history.clientEvents(questions.rows, query)))
      internalEvents.clientIdsRecalled(suspects.length)
    }
    return repeats
  }

  /** The range is stored. */
  advance(partition: number, repeats: RangeRepeats): void {
    const memory = this.#memory
    if (memory === undefined) return
    for (const { fingerprint, receivedAt } of repeats.stored) memory.add(fingerprint, receivedAt)
    memory.forget(this.#horizon(newestOf(repeats.stored)))
    this.#options.internalEvents.clientIdsRemembered({ partition, ids: memory.size })
  }

  async #rebuilt(marks: readonly ClientMark[], { rows, ask }: RangeQuestions): Promise<ClientIdMemory> {
    const { history, limits, internalEvents, now } = this.#options
    const startedAt = now()
    const { windowS, idsMax } = limits
    const stepS = stepSecondsOf(windowS)
    // After a pause a range reaches far back: from its first event on, so that it needs no look-ups, within bounds.
    const oldest = Math.max(marks[0]?.receivedAt ?? 0, newestOf(marks) - windowS)
    const from = Math.floor(this.#horizon(oldest) / stepS) * stepS
    const steps = await ask(() => history.fingerprints(rows, { from, stepS, idsMax }))
    const memory = new ClientIdMemory({ windowS, idsMax, knownFrom: from })
    memory.restore(steps)
    internalEvents.clientIdsRebuilt({ partition: rows.partition, ids: memory.size, ms: now() - startedAt })
    return memory
  }

  /**
   * Up to which received time ids may be forgotten when events of a time are at hand. The clock bounds it, so that a wrong
   * clock of a producer costs no memory of the present; a choice of memory against look-ups, without effect on the result.
   */
  #horizon(receivedAt: number): number {
    const now = Math.floor(this.#options.wallClock() / 1000)
    return Math.min(receivedAt, now) - this.#options.limits.windowS - latenessS
  }
}

function newestOf(marks: readonly { readonly receivedAt: number }[]): number {
  return marks.reduce((newest, { receivedAt }) => Math.max(newest, receivedAt), 0)
}
