import type { EnrichedEvent } from '@millrace/events'
import { SessionFold, type SessionFoldOptions } from '@millrace/sessions'
import type { InternalEvents } from './internal-events.ts'
import type { RangeQuestions } from './partition-repeats.ts'
import type { SessionHistory, StoredRows } from './session-recovery.ts'

/** A rebuild looks back no further than this from the newest event at hand: events of an import may be years old. Seconds. */
const rebuildSpanSMax = 86_400
/** The share of the events at hand that may be older than what a rebuild reads; those are looked up. */
const rebuildEarlyShare = 0.05

export interface SessionLimits {
  readonly inactivityGapS: number
  /** How long after its inactivity gap a session stays in memory, seconds of event time. */
  readonly latenessS: number
  /** The most sessions of a partition in memory between insert batches. */
  readonly sessionsMax: number
}

export interface PartitionSessionsOptions {
  readonly history: SessionHistory
  readonly sessions: SessionLimits
  readonly internalEvents: InternalEvents
  /** Milliseconds, monotonic. */
  readonly now: () => number
  /** Milliseconds since the epoch. */
  readonly wallClock: () => number
}

/** The sessions of one partition in the hands of this member: rebuilt from what is stored when the first event comes. */
export class PartitionSessions {
  readonly #options: PartitionSessionsOptions
  #fold: SessionFold | undefined
  #hasAsked = false

  constructor(options: PartitionSessionsOptions) {
    this.#options = options
  }

  /** Number of sessions in memory. */
  get size(): number {
    return this.#fold?.size ?? 0
  }

  /** Whether visitors of the last events had to be looked up: with more events at once it takes fewer questions. */
  get hasAsked(): boolean {
    return this.#hasAsked
  }

  /** The sessions before these events, the next ones of a range, as far as they can belong to them. */
  async foldFor(events: readonly EnrichedEvent[], questions: RangeQuestions): Promise<SessionFold> {
    if (events.length > 0) this.#fold ??= await this.#rebuilt(this.#rebuildFrom(events), questions)
    const fold = this.#fold ?? new SessionFold({ ...this.#options.sessions, knownFrom: Infinity })
    const early = events.filter((event) => fold.mustRecall(event))
    this.#hasAsked = early.length > 0
    if (this.#hasAsked) await this.#recall(fold, early, questions)
    return fold
  }

  /** A range is stored. @param newest timestamp of its events, Unix seconds */
  forgetBehind(newest: number): void {
    this.#fold?.forget(this.#horizon(newest))
  }

  /** What is in memory is not what will be stored: to be rebuilt. */
  discard(): void {
    this.#fold = undefined
  }

  /**
   * Up to which time sessions may be forgotten after these events. The clock bounds it, so that a wrong timestamp in the
   * future costs no memory of the present; a choice of memory against look-ups, without effect on the result.
   */
  #horizon(newest: number): number {
    const { sessions, wallClock } = this.#options
    const now = Math.floor(wallClock() / 1000)
    return Math.min(newest, now) - sessions.inactivityGapS - sessions.latenessS
  }

  /**
   * After a pause a range reaches far back: from its first events on, so that few of them need look-ups, within bounds.
   * A choice of one query against many, without effect on the result.
   */
  #rebuildFrom(events: readonly EnrichedEvent[]): number {
    const { inactivityGapS } = this.#options.sessions
    const times = Float64Array.from(events, ({ timestamp }) => timestamp).sort()
    const horizon = this.#horizon(times.at(-1) ?? 0)
    const early = times[Math.floor(times.length * rebuildEarlyShare)] ?? Infinity
    return Math.min(horizon, Math.max(early - inactivityGapS, horizon - rebuildSpanSMax))
  }

  async #rebuilt(knownFrom: number, { rows, ask }: RangeQuestions): Promise<SessionFold> {
    const { history, sessions, now, internalEvents } = this.#options
    const startedAt = now()
    const fold = await ask(() => restoredFold(history, rows, { ...sessions, knownFrom }))
    const { partition } = rows
    internalEvents.sessionsRebuilt({ partition, sessions: fold.size, ms: now() - startedAt })
    return fold
  }

  async #recall(
    fold: SessionFold,
    events: readonly EnrichedEvent[],
    { rows, ask }: RangeQuestions,
  ): Promise<void> {
    const { history, sessions, internalEvents } = this.#options
    const userIds = new Set<string>()
    const sites = new Set<string>()
    let [from, to] = [Infinity, -Infinity]
    for (const { userId, previousUserId, site, timestamp } of events) {
      userIds.add(userId).add(previousUserId)
      sites.add(site)
      from = Math.min(from, timestamp - sessions.inactivityGapS)
      to = Math.max(to, timestamp + sessions.inactivityGapS)
    }
    const query = { userIds: [...userIds], sites: [...sites], from, to }
    fold.recall(await ask(() => history.ofVisitors(rows, query)))
    internalEvents.eventsRecalled(events.length)
  }
}

/** A fold that knows the stored sessions from `knownFrom` on, or as far back as there is room for. */
async function restoredFold(
  history: SessionHistory,
  rows: StoredRows,
  options: SessionFoldOptions,
): Promise<SessionFold> {
  const { knownFrom: from, sessionsMax } = options
  const fold = new SessionFold(options)
  let count = 0
  let oldest = Infinity
  await history.since(rows, { from, sessionsMax }, (sessions) => {
    fold.restore(sessions)
    count += sessions.length
    for (const { lastActivity } of sessions) oldest = Math.min(oldest, lastActivity)
  })
  // At the limit, sessions as old as the oldest one found may be missing.
  if (count >= sessionsMax) fold.doubtBefore(oldest + 1)
  return fold
}
