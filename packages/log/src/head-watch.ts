import type { Log } from './log.ts'

export interface HeadWatchOptions {
  readonly log: Pick<Log, 'watermarks'>
  readonly topics: readonly string[]
  /** Default 2,000 ms. */
  readonly pollMs?: number
}

const pollMsDefault = 2_000

/**
 * The next free offset of every partition, looked up now and then. A loop that is stuck fetches nothing and so sees no
 * new head: this is what its offset lag is measured against.
 */
export class HeadWatch {
  readonly #options: HeadWatchOptions
  readonly #heads = new Map<string, number>()
  readonly #timer: NodeJS.Timeout
  #looking: Promise<void> | undefined

  constructor(options: HeadWatchOptions) {
    this.#options = options
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look()
    }, options.pollMs ?? pollMsDefault)
    this.#timer.unref()
  }

  /** As last looked up; 0 before. */
  head(topic: string, partition: number): number {
    return this.#heads.get(`${topic} ${String(partition)}`) ?? 0
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }

  /** A look that fails leaves the old heads: the loops themselves tell of a log that is gone. */
  async #look(): Promise<void> {
    for (const topic of this.#options.topics) {
      const watermarks = await this.#options.log.watermarks(topic).catch(() => [])
      for (const { partition, high } of watermarks) this.#heads.set(`${topic} ${String(partition)}`, high)
    }
    this.#looking = undefined
  }
}
