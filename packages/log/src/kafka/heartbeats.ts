import { delay } from '@millrace/runtime'
import { deferred } from './deferred.ts'
import type { Generation, GroupMember } from './group-member.ts'
import { isLostMember, isPassing, protocolTypeOf, unavailable } from './kafka-error.ts'

export interface HeartbeatOptions {
  readonly member: GroupMember
  readonly generation: Generation
  readonly sessionTimeoutMs: number
}

/** Why a generation is over for this member. */
export type GenerationEnd = 'rebalance' | 'lost'

const intervalMsMax = 1_000

/** Keeps a member in its group, beside and independent of its work, and learns when the group changes. */
export class Heartbeats {
  /** Resolves when the group rebalances or no longer knows the member. Rejects for what does not pass. */
  readonly ended: Promise<GenerationEnd>
  readonly #options: HeartbeatOptions
  readonly #stopping = new AbortController()
  readonly #stopped: Promise<void>

  constructor(options: HeartbeatOptions) {
    this.#options = options
    const { promise, resolve, reject } = deferred<GenerationEnd>()
    this.ended = promise
    this.ended.catch(() => undefined) // it may end after nobody waits any more
    this.#stopped = this.#beat(resolve).catch(reject)
  }

  /** A rebalance is told and the beats go on: until it joins again the member still owns what it has. */
  async #beat(end: (reason: GenerationEnd) => void): Promise<void> {
    const { sessionTimeoutMs } = this.#options
    const intervalMs = Math.min(intervalMsMax, sessionTimeoutMs / 10)
    let answeredAt = Date.now()
    const isStopped = (): boolean => this.#stopping.signal.aborted
    for (;;) {
      await delay(intervalMs, this.#stopping.signal)
      if (isStopped()) return
      const answer = await this.#ask()
      if (answer === 'none') {
        if (Date.now() - answeredAt <= sessionTimeoutMs) continue
        end('lost')
        return
      }
      answeredAt = Date.now()
      if (answer !== 'fine') end(answer)
      if (answer === 'lost') return
    }
  }

  async #ask(): Promise<'fine' | 'none' | GenerationEnd> {
    const { member, generation } = this.#options
    try {
      await member.heartbeat(generation)
      return 'fine'
    } catch (error) {
      if (protocolTypeOf(error) === 'REBALANCE_IN_PROGRESS') return 'rebalance'
      if (isLostMember(error)) return 'lost'
      if (isPassing(error)) return 'none'
      throw unavailable('the heartbeat', error)
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#stopped
  }
}
