import type { Salts, VisitorSalts } from './salts.ts'

export interface SaltKeeperOptions {
  readonly salts: Salts
  readonly everyMs: number
  readonly onError: (error: unknown) => void
}

/** Looks after the salts on a timer: proposes tomorrow's, keeps today's retained, forgets the old. */
export class SaltKeeper {
  readonly #salts: Salts
  readonly #timer: NodeJS.Timeout
  #maintaining: Promise<void> | undefined

  constructor(options: SaltKeeperOptions) {
    this.#salts = options.salts
    this.#timer = setInterval(() => {
      this.#maintaining ??= this.#salts
        .maintain()
        .catch(options.onError)
        .finally(() => {
          this.#maintaining = undefined
        })
    }, options.everyMs)
  }

  saltsFor(receivedAt: number): Promise<VisitorSalts> {
    return this.#salts.saltsFor(receivedAt)
  }

  catchUp(): Promise<void> {
    return this.#salts.catchUp()
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#maintaining
    await this.#salts.close()
  }
}
