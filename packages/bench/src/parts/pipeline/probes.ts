import { Agent, request } from 'node:http'
import type { Store } from '@millrace/clickhouse'
import { delay } from '@millrace/runtime'

/** Probes a second. */
export const probeRate = 20
/** How often rows are asked for: the error of each time is as large, and the time of the query itself. */
export const probePollMs = 40
const visibleMsMax = 120_000

const userAgent =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'

/**
 * Sends an event every so often beside a load, each of another visitor and with a path of its own, and looks for them in
 * `events`: how long from when it was due until a SELECT finds it.
 */
export class Probes {
  readonly #options: ProbesOptions
  readonly #agent = new Agent({ keepAlive: true })
  readonly #dueAt = new Map<string, number>()
  readonly #freshnessMs: number[] = []
  readonly #stopping = new AbortController()
  readonly #running: Promise<unknown>
  #accepted = 0
  #refused = 0
  #isCancelled = false

  constructor(options: ProbesOptions) {
    this.#options = options
    this.#running = Promise.all([this.#send(), this.#look()])
    this.#running.catch(() => this.#stopping.abort())
  }

  /**
   * Sends no more, and waits until all that were accepted are found.
   * @throws Error when one is not found in time
   */
  async stop(): Promise<{
    readonly accepted: number
    readonly refused: number
    readonly freshnessMs: readonly number[]
  }> {
    this.#stopping.abort()
    await this.#running
    this.#agent.destroy()
    return { accepted: this.#accepted, refused: this.#refused, freshnessMs: this.#freshnessMs }
  }

  /** Gives all of them up, where the load has failed. */
  cancel(): void {
    this.#stopping.abort()
    this.#isCancelled = true
    this.#agent.destroy()
  }

  async #send(): Promise<void> {
    const { signal } = this.#stopping
    const startedAt = performance.now()
    const posts: Promise<void>[] = []
    for (let count = 0; ; count++) {
      const dueAt = startedAt + (count / probeRate) * 1000
      await delay(dueAt - performance.now(), signal)
      if (signal.aborted) break
      posts.push(this.#post(count, dueAt))
    }
    await Promise.all(posts)
  }

  async #post(count: number, dueAt: number): Promise<void> {
    const { site, port } = this.#options
    const path = `/probe-${count}`
    this.#dueAt.set(path, dueAt)
    const body = JSON.stringify({ n: 'pageview', d: site, u: `https://${site}${path}` })
    const address = `81.2.${(count >> 8) & 255}.${count & 255}`
    const headers = { 'content-type': 'text/plain', 'user-agent': userAgent, 'x-forwarded-for': address }
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const outgoing = request(
        { host: '127.0.0.1', port, path: '/api/event', method: 'POST', agent: this.#agent, headers },
        (response) => {
          response.resume()
          response.once('error', reject)
          response.once('end', () => resolve(response.statusCode))
        },
      )
      outgoing.once('error', reject)
      outgoing.end(body)
    })
    if (status === 202) this.#accepted++
    else {
      this.#refused++
      this.#dueAt.delete(path) // nothing was promised
    }
  }

  async #look(): Promise<void> {
    const { site, store } = this.#options
    const { signal } = this.#stopping
    let endBy = Infinity
    while (!this.#isCancelled && (!signal.aborted || this.#dueAt.size > 0)) {
      const askedAt = performance.now()
      if (signal.aborted) endBy = Math.min(endBy, askedAt + visibleMsMax)
      if (askedAt > endBy) throw new Error(`${this.#dueAt.size} probes are not stored`)
      const rows = await store.query<{ pathname: string }>(
        `SELECT pathname FROM events WHERE site = {site:String}`,
        { site },
      )
      this.#found(rows, performance.now())
      await delay(askedAt + probePollMs - performance.now())
    }
  }

  #found(rows: readonly { readonly pathname: string }[], at: number): void {
    for (const { pathname } of rows) {
      const dueAt = this.#dueAt.get(pathname)
      if (dueAt === undefined) continue
      this.#freshnessMs.push(at - dueAt)
      this.#dueAt.delete(pathname)
    }
  }
}

export interface ProbesOptions {
  /** Of these probes alone. */
  readonly site: string
  /** Of the producer. */
  readonly port: number
  readonly store: Store
}
