import type { Session } from './session.ts'

/** Sessions are forgotten in steps of this many seconds of last activity. */
const expiryStepS = 60

/** A session in memory; a visitor's sessions are chained from the newest start to the oldest. */
export interface RememberedSession extends Session {
  lastActivity: number
  readonly visitor: string
  older: RememberedSession | undefined
}

export interface SessionMemoryOptions {
  readonly inactivityGapS: number
}

/**
 * Sessions by visitor, forgotten by last activity. A session is listed in the expiry step of the last activity it had
 * when it was listed; when that step expires it is listed again if it has been active since, else it goes. So
 * an event costs no list work, and expiry looks at each session once per step it lived in at most.
 */
export class SessionMemory {
  readonly #gapS: number
  readonly #newestByVisitor = new Map<string, RememberedSession>()
  readonly #expirySteps = new Map<number, RememberedSession[]>()
  #size = 0

  constructor({ inactivityGapS }: SessionMemoryOptions) {
    this.#gapS = inactivityGapS
  }

  get size(): number {
    return this.#size
  }

  /** The visitor's session whose window covers the time; of several the one that started last. */
  covering(visitor: string, timestamp: number): RememberedSession | undefined {
    let session = this.#newestByVisitor.get(visitor)
    while (session !== undefined) {
      const isCovered =
        timestamp >= session.start - this.#gapS && timestamp <= session.lastActivity + this.#gapS
      if (isCovered) return session
      session = session.older
    }
    return undefined
  }

  /** Adds a session, or extends the one that is known by this visitor and start. */
  add(visitor: string, session: Session): RememberedSession {
    const newer = this.#lastStartingAfter(visitor, session.start)
    const next = newer === undefined ? this.#newestByVisitor.get(visitor) : newer.older
    if (next?.start === session.start) {
      next.lastActivity = Math.max(next.lastActivity, session.lastActivity)
      return next
    }
    const { start, hash, userId, lastActivity, firstTouch } = session
    const added: RememberedSession = { start, hash, userId, lastActivity, firstTouch, visitor, older: next }
    if (newer === undefined) this.#newestByVisitor.set(visitor, added)
    else newer.older = added
    this.#size += 1
    this.#list(added)
    return added
  }

  /** Forgets the sessions whose last activity lies before `time` rounded down to an expiry step; returns that time. */
  forgetBefore(time: number): number {
    const stepLimit = Math.floor(time / expiryStepS)
    for (const step of [...this.#expirySteps.keys()]) if (step < stepLimit) this.#expire(step, stepLimit)
    return stepLimit * expiryStepS
  }

  /** The earliest time that `forgetBefore` would do something with; undefined when nothing is remembered. */
  nextExpiry(): number | undefined {
    let earliest: number | undefined
    for (const step of this.#expirySteps.keys())
      if (earliest === undefined || step < earliest) earliest = step
    return earliest === undefined ? undefined : (earliest + 1) * expiryStepS
  }

  #expire(step: number, stepLimit: number): void {
    const listed = this.#expirySteps.get(step) ?? []
    this.#expirySteps.delete(step)
    for (const session of listed) {
      if (stepOf(session) >= stepLimit) this.#list(session)
      else this.#remove(session)
    }
  }

  #list(session: RememberedSession): void {
    const step = stepOf(session)
    const listed = this.#expirySteps.get(step)
    if (listed === undefined) this.#expirySteps.set(step, [session])
    else listed.push(session)
  }

  #remove(session: RememberedSession): void {
    const newer = this.#lastStartingAfter(session.visitor, session.start)
    if (newer !== undefined) newer.older = session.older
    else if (session.older !== undefined) this.#newestByVisitor.set(session.visitor, session.older)
    else this.#newestByVisitor.delete(session.visitor)
    this.#size -= 1
  }

  /** The link of the visitor's chain after which a session with this start belongs; undefined for its head. */
  #lastStartingAfter(visitor: string, start: number): RememberedSession | undefined {
    let newer: RememberedSession | undefined
    let session = this.#newestByVisitor.get(visitor)
    while (session !== undefined && session.start > start) {
      newer = session
      session = session.older
    }
    return newer
  }
}

function stepOf(session: RememberedSession): number {
  return Math.floor(session.lastActivity / expiryStepS)
}
