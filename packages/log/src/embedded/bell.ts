import { statSync } from 'node:fs'
import { BroadcastChannel } from 'node:worker_threads'

/**
 * Wakes those who wait for news of a log: threads of this process by a message, other processes by looking at the
 * file's time of change every `pollMs` while someone waits.
 */
export class Bell {
  readonly #channel: BroadcastChannel
  readonly #file: string
  readonly #pollMs: number
  readonly #waiters = new Map<string, Set<() => void>>()
  readonly #news = new Map<string, number>()
  #changes = 0
  #poll: NodeJS.Timeout | undefined
  #seen = 0n
  #again = false
  #closed = false

  constructor(options: { readonly file: string; readonly pollMs: number }) {
    this.#file = options.file
    this.#pollMs = options.pollMs
    this.#channel = new BroadcastChannel(`millrace.log:${options.file}`)
    this.#channel.onmessage = (event) => this.ringHere((event as { data: string }).data)
    this.#channel.unref()
  }

  /** Tells everyone who waits for news of this subject. */
  ring(subject: string): void {
    this.ringHere(subject)
    if (!this.#closed) this.#channel.postMessage(subject)
  }

  /** Tells those who wait on this bell object only. */
  ringHere(subject: string): void {
    this.#news.set(subject, (this.#news.get(subject) ?? 0) + 1)
    this.#wake(subject)
  }

  /** What has been heard of the subject until now; a wait since this mark misses no news that came in between. */
  mark(subject: string): number {
    return (this.#news.get(subject) ?? 0) + this.#changes
  }

  /**
   * Resolves on news of the subject, at times for no reason, when the signal aborts, or after `msMax`.
   * @param options.since a mark: resolves at once when there was news after it
   */
  wait(
    subject: string,
    msMax: number,
    options: { readonly signal?: AbortSignal; readonly since?: number } = {},
  ): Promise<void> {
    const { signal, since = Infinity } = options
    const isOver = this.#closed || signal?.aborted === true || this.mark(subject) > since
    if (isOver || msMax <= 0) return Promise.resolve()
    return new Promise((resolve) => {
      const waiters = this.#waiters.get(subject) ?? new Set()
      const done = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        waiters.delete(done)
        if (waiters.size === 0) this.#forget(subject)
        resolve()
      }
      const timer = setTimeout(done, msMax)
      signal?.addEventListener('abort', done)
      this.#waiters.set(subject, waiters.add(done))
      this.#poll ??= setInterval(() => this.#look(), this.#pollMs)
    })
  }

  close(): void {
    this.#closed = true
    for (const subject of [...this.#waiters.keys()]) this.#wake(subject)
    this.#channel.close()
  }

  #wake(subject: string): void {
    for (const done of [...(this.#waiters.get(subject) ?? [])]) done()
  }

  #forget(subject: string): void {
    this.#waiters.delete(subject)
    if (this.#waiters.size > 0) return
    clearInterval(this.#poll)
    this.#poll = undefined
  }

  #look(): void {
    const { mtimeNs } = statSync(this.#file, { bigint: true })
    const changed = mtimeNs !== this.#seen
    // The kernel's clock for file times stands still for some ms: a second change may leave the time as it is.
    const wake = changed || this.#again
    this.#seen = mtimeNs
    this.#again = changed
    if (!wake) return
    this.#changes++
    for (const subject of [...this.#waiters.keys()]) this.#wake(subject)
  }
}
