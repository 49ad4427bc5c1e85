import { assert } from '@millrace/runtime'

/** Where a new event goes: to the log, onto the disk, or nowhere until it is known. */
export type Way = 'log' | 'spill' | 'wait'

type Stage = 'direct' | 'spilling' | 'draining' | 'closing'

/**
 * The course of an outage. Within a partition the log must get a producer's sequences in rising order, since the enricher
 * passes over what is not above the last one; so nothing new goes to the log while something older may still have to.
 *
 * ```
 * direct ──the log fails──> spilling ──it takes a drained batch──> draining ──the last one is in hand──> closing
 *   ^                        ^  ^  │                                  │  │                               │  │
 *   │                        │  └──┼───────────it fails again─────────┘  │                               │  │
 *   │                        └─────┼───────────it fails, or takes too long for those who wait────────────┘  │
 *   └──────────────────────────────┴───────────nothing is left and nothing under way────────────────────────┘
 * ```
 *
 * direct: to the log. spilling and draining: onto the disk, behind what waits there. closing: new events wait, so that
 * the drain reaches the end however many come.
 */
export class SpillCourse {
  #stage: Stage
  #isLogBusy = false
  #isDiskBusy = false

  /** @param left whether something waits on the disk from an earlier run */
  constructor(left: boolean) {
    this.#stage = left ? 'spilling' : 'direct'
  }

  get stage(): Stage {
    return this.#stage
  }

  get way(): Way {
    switch (this.#stage) {
      case 'direct':
        return 'log'
      case 'spilling':
      case 'draining':
        return 'spill'
      case 'closing':
        return 'wait'
    }
  }

  /** An append to the log begins. It takes one at a time, even when the last one has been given up. */
  logBegan(from: 'caller' | 'drain'): void {
    assert(!this.#isLogBusy, 'the log takes one append at a time')
    assert(
      (this.#stage === 'direct') === (from === 'caller'),
      `no append of the ${from} while ${this.#stage}`,
    )
    this.#isLogBusy = true
  }

  /** It has settled, one way or the other. */
  logEnded(): void {
    this.#isLogBusy = false
  }

  diskBegan(): void {
    assert(!this.#isDiskBusy && this.way === 'spill', `no write to the disk while ${this.#stage}`)
    this.#isDiskBusy = true
  }

  diskEnded(): void {
    this.#isDiskBusy = false
  }

  /** The log refuses, or does not answer; or something older has turned up on the disk. */
  turnAway(): void {
    this.#stage = 'spilling'
  }

  /** The log has taken a drained batch. */
  drained(): void {
    if (this.#stage === 'spilling') this.#stage = 'draining'
  }

  /** The drain has all in hand that the disk holds: from now on new events wait for it, if the log takes records. */
  close(): void {
    if (this.#stage === 'draining') this.#stage = 'closing'
  }

  /** @returns whether new events go to the log again */
  reopen(left: boolean): boolean {
    if (!left && !this.#isLogBusy && !this.#isDiskBusy) this.#stage = 'direct'
    return this.#stage === 'direct'
  }
}
