import type { Subscriber } from '@millrace/protocols'
import { describeError } from '@millrace/runtime'
import { subscriberKey } from './subscriber-key.ts'

export interface SubscriberLookupOptions {
  /** Which of the subscribers ClickHouse has, by `subscriberKey`. */
  readonly ask: (subscribers: readonly Subscriber[]) => Promise<ReadonlySet<string>>
  readonly onAnswer: (result: LookupResult) => void
  readonly onTrouble: (why: string) => void
  readonly now: () => number
  readonly limits: {
    /** An answer that takes longer comes too late. */
    readonly deadlineMs: number
    /** Subscribers of one query. */
    readonly batchMax: number
    /** Beyond, who comes is not looked up. */
    readonly waitingMax: number
    /** After a failure nobody is looked up for so long, so that requests do not all wait for a ClickHouse that is gone. */
    readonly pauseMs: number
  }
}

export type LookupResult = 'found' | 'not_found' | 'unanswered'

interface Waiting {
  readonly subscriber: Subscriber
  readonly answer: Promise<boolean | undefined>
  readonly settle: (isStored: boolean | undefined) => void
}

/** Asks ClickHouse who is known: one query at a time, for all who came during the one before. Never rejects. */
export class SubscriberLookup {
  readonly #options: SubscriberLookupOptions
  readonly #waiting = new Map<string, Waiting>()
  #isAsking = false
  #pausedUntil = -Infinity

  constructor(options: SubscriberLookupOptions) {
    this.#options = options
  }

  /** @returns whether ClickHouse has the subscriber; undefined when it does not say in time */
  async find(subscriber: Subscriber): Promise<boolean | undefined> {
    const isStored = await this.#answer(subscriber)
    this.#options.onAnswer(isStored === undefined ? 'unanswered' : isStored ? 'found' : 'not_found')
    return isStored
  }

  async #answer(subscriber: Subscriber): Promise<boolean | undefined> {
    const { now, limits } = this.#options
    if (now() < this.#pausedUntil) return undefined
    const key = subscriberKey(subscriber)
    let waiting = this.#waiting.get(key)
    if (waiting === undefined) {
      if (this.#waiting.size >= limits.waitingMax) return undefined
      waiting = { subscriber, ...unsettled() }
      this.#waiting.set(key, waiting)
    }
    if (!this.#isAsking) void this.#askAll()
    return inTime(waiting.answer, limits.deadlineMs)
  }

  /** Never rejects; what it is asked for is settled whatever happens. */
  async #askAll(): Promise<void> {
    this.#isAsking = true
    // Who comes in the same turn of the event loop shares the query.
    await Promise.resolve()
    while (this.#waiting.size > 0) await this.#askSome()
    this.#isAsking = false
  }

  async #askSome(): Promise<void> {
    const { ask, now, onTrouble, limits } = this.#options
    const some = [...this.#waiting].slice(0, limits.batchMax)
    for (const [key] of some) this.#waiting.delete(key)
    try {
      const stored = await ask(some.map(([, { subscriber }]) => subscriber))
      for (const [key, { settle }] of some) settle(stored.has(key))
    } catch (error) {
      this.#pausedUntil = now() + limits.pauseMs
      const all = [...some, ...this.#waiting]
      this.#waiting.clear()
      for (const [, { settle }] of all) settle(undefined)
      onTrouble(describeError(error))
    }
  }
}

function unsettled(): Pick<Waiting, 'answer' | 'settle'> {
  let settle: Waiting['settle'] = () => undefined
  const answer = new Promise<boolean | undefined>((resolve) => {
    settle = resolve
  })
  return { answer, settle }
}

async function inTime<T>(answer: Promise<T>, msMax: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      resolve(undefined)
    }, msMax)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
