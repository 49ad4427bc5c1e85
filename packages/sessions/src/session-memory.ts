import type { FirstTouch, Session } from './session.ts'

/** Sessions are forgotten in steps of this many seconds of last activity. */
const expiryStepS = 60

/** A session in memory; a visitor's sessions are chained from the newest start to the oldest. */
export interface RememberedSession extends Session {
  lastActivity: number
  /** Replaced as a whole where an event overrides something of it. */
  firstTouch: FirstTouch
  readonly site: string
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
  /** By site, then by user id: a key of both would cost as much memory as the rest of a short session. */
  readonly #newestByVisitor = new Map<string, Map<string, RememberedSession>>()
  readonly #expirySteps = new Map<number, RememberedSession[]>()
  #size = 0

  constructor({ inactivityGapS }: SessionMemoryOptions) {
    this.#gapS = inactivityGapS
  }

  get size(): number {
    return this.#size
  }

  /** The visitor's session whose window covers the time; of several the one that started last. */
  covering(
    site: string,
    { userId, timestamp }: { readonly userId: string; readonly timestamp: number },
  ): RememberedSession | undefined {
    let session = this.#newestByVisitor.get(site)?.get(userId)
    while (session !== undefined) {
      const isCovered =
        timestamp >= session.start - this.#gapS && timestamp <= session.lastActivity + this.#gapS
      if (isCovered) return session
      session = session.older
    }
    return undefined
  }

  /** Adds a session, or extends the one that is known by this site, user id and start; what is added last is the newest. */
  add(site: string, { start, hash, userId, lastActivity, firstTouch }: Session): RememberedSession {
    const visitors = this.#visitorsOf(site)
    const newest = visitors.get(userId)
    const newer = lastStartingAfter(newest, start)
    const next = newer === undefined ? newest : newer.older
    if (next?.start === start) {
      next.lastActivity = Math.max(next.lastActivity, lastActivity)
      next.firstTouch = firstTouch
      return next
    }
    const added: RememberedSession = { start, hash, userId, lastActivity, firstTouch, site, older: next }
    if (newer === undefined) visitors.set(userId, added)
    else newer.older = added
    this.#size += 1
    this.#list(added)
    return added
  }

  /** Adds a session unless it is known by this site, user id and start. */
  addMissing(site: string, session: Session): void {
    let known = this.#newestByVisitor.get(site)?.get(session.userId)
    while (known !== undefined && known.start !== session.start) known = known.older
    if (known === undefined) this.add(site, session)
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

  #visitorsOf(site: string): Map<string, RememberedSession> {
    let visitors = this.#newestByVisitor.get(site)
    if (visitors === undefined) {
      visitors = new Map()
      this.#newestByVisitor.set(site, visitors)
    }
    return visitors
  }

  #remove({ site, userId, start, older }: RememberedSession): void {
    const visitors = this.#visitorsOf(site)
    const newer = lastStartingAfter(visitors.get(userId), start)
    if (newer !== undefined) newer.older = older
    else if (older !== undefined) visitors.set(userId, older)
    else visitors.delete(userId)
    this.#size -= 1
    if (visitors.size === 0) this.#newestByVisitor.delete(site)
  }
}

/** The link of a visitor's chain after which a session with this start belongs; undefined for its head. */
function lastStartingAfter(
  newest: RememberedSession | undefined,
  start: number,
): RememberedSession | undefined {
  let newer: RememberedSession | undefined
  let session = newest
  while (session !== undefined && session.start > start) {
    newer = session
    session = session.older
  }
  return newer
}

function stepOf(session: RememberedSession): number {
  return Math.floor(session.lastActivity / expiryStepS)
}
