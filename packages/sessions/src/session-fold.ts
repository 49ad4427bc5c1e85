import type { EnrichedEvent } from '@millrace/events'
import { sessionHash } from './session-hash.ts'
import { SessionMemory } from './session-memory.ts'
import { firstTouchOf, overriddenTouch, type Session, type StoredSession } from './session.ts'

export interface SessionFoldOptions {
  /** A silence longer than this closes a session; one of exactly this long does not. Seconds. */
  readonly inactivityGapS: number
  /** The most sessions kept between batches. */
  readonly sessionsMax: number
  /**
   * Every session with a last activity at or after this time is known from the start, Unix seconds:
   * `-Infinity` for a log without earlier events, else the time from which on stored sessions are restored.
   */
  readonly knownFrom: number
}

/**
 * Which session each event of a partition belongs to, in the order of the log: pure, without a clock.
 *
 * The rules. A session's window reaches from its start minus the inactivity gap to its last activity plus the gap, both
 * ends included. An event joins the session of its visitor (site and today's id, else site and yesterday's id) whose
 * window covers its timestamp; where windows overlap, the one that started last. It moves the last activity forward,
 * never back, and never moves the start. Without such a session it opens one, unless it is an engagement event.
 *
 * The values of device and place that an event overrides are its session's from that event on, itself included, in the
 * order of the log: not in that of time, so a late event that overrides changes the rows that follow it in the log and none
 * before. An event that opens a session brings its values like any other.
 *
 * Memory is bounded and does not change the result. Sessions with a last activity at or after `knownFrom` are in memory;
 * older ones are forgotten. An event that could belong to a forgotten one is told by `mustRecall`: its visitor's stored
 * sessions have to be restored before it is assigned. Thus the result is that of a fold that forgets nothing,
 * whatever is forgotten when, and a fold that was restored from the rows of all records before its position goes on
 * exactly like one that never stopped.
 */
export class SessionFold {
  readonly #gapS: number
  readonly #sessionsMax: number
  readonly #memory: SessionMemory
  #knownFrom: number

  constructor({ inactivityGapS, sessionsMax, knownFrom }: SessionFoldOptions) {
    this.#gapS = inactivityGapS
    this.#sessionsMax = sessionsMax
    this.#memory = new SessionMemory({ inactivityGapS })
    this.#knownFrom = knownFrom
  }

  /** Number of sessions in memory. */
  get size(): number {
    return this.#memory.size
  }

  /** Sessions with a last activity before this may be forgotten, Unix seconds. */
  get knownFrom(): number {
    return this.#knownFrom
  }

  /**
   * Whether the event could belong to a forgotten session. Then the sessions that have rows of the event's visitor (under
   * either id) within the gap around its timestamp have to be restored first.
   *
   * It cannot where a session in memory covers it that was active at or after `knownFrom`: of one id's sessions, the one
   * that started later was active later too, as an event that both cover goes to it. So a forgotten one started earlier, and
   * is not chosen. Behind one that was active before `knownFrom`, as a late event opens it, a later one may be forgotten.
   */
  mustRecall({ site, userId, timestamp }: Pick<EnrichedEvent, 'site' | 'userId' | 'timestamp'>): boolean {
    if (timestamp - this.#gapS >= this.#knownFrom) return false
    const covering = this.#memory.covering(site, { userId, timestamp })
    return covering === undefined || covering.lastActivity < this.#knownFrom
  }

  /**
   * Adds what the rows of all records before the next one tell of sessions. Repeats and sessions that are known already are
   * harmless, as their newest rows say what is known.
   */
  restore(sessions: Iterable<StoredSession>): void {
    for (const session of sessions) this.#memory.add(session.site, session)
  }

  /** Adds what stored rows tell of visitors that were looked up; of sessions in memory, memory knows at least as much. */
  recall(sessions: Iterable<StoredSession>): void {
    for (const session of sessions) this.#memory.addMissing(session.site, session)
  }

  /** Takes sessions with a last activity before `time` for forgotten, as some of them may not have been restored. */
  doubtBefore(time: number): void {
    this.#knownFrom = Math.max(this.#knownFrom, time)
  }

  /**
   * The event's session; undefined for an engagement event without one, which is to be dropped. What it holds is true until
   * the next event is assigned.
   */
  assign(event: EnrichedEvent): Session | undefined {
    const { site, userId, previousUserId, timestamp } = event
    const session =
      this.#memory.covering(site, { userId, timestamp }) ??
      (previousUserId === userId
        ? undefined
        : this.#memory.covering(site, { userId: previousUserId, timestamp }))
    if (session !== undefined) {
      if (timestamp > session.lastActivity) session.lastActivity = timestamp
      if (event.overrides !== undefined) session.firstTouch = overriddenTouch(session.firstTouch, event)
      return session
    }
    return event.name === 'engagement' ? undefined : this.#memory.add(site, opened(event))
  }

  /**
   * Frees the sessions with a last activity before `time`, and then, while there are more than `sessionsMax`, those that
   * have been silent longest. To be called between batches: what a batch recalled must stay until its end.
   */
  forget(time: number): void {
    this.#knownFrom = Math.max(this.#knownFrom, this.#memory.forgetBefore(Math.max(time, this.#knownFrom)))
    while (this.size > this.#sessionsMax) {
      this.#knownFrom = Math.max(this.#knownFrom, this.#memory.forgetBefore(this.#memory.nextExpiry() ?? 0))
    }
  }
}

function opened(event: EnrichedEvent): Session {
  const { site, userId, timestamp } = event
  return {
    start: timestamp,
    hash: sessionHash(site, userId),
    userId,
    lastActivity: timestamp,
    firstTouch: firstTouchOf(event),
  }
}
