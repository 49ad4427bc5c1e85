import { describeError } from '@millrace/runtime'

export interface ReadinessOptions {
  /** Resolves when the log answers; undefined while there is none. */
  readonly probe: () => Promise<unknown> | undefined
  /** What is known to be wrong with the log without asking it. */
  readonly logTrouble: () => string | undefined
  readonly backlogFill: () => number
  readonly backlogFillMax: number
  readonly probeMsMax: number
  /** An answer of the log is good for this long. */
  readonly probeAgeMsMax: number
  readonly now: () => number
}

/** Whether the producer should be sent requests: the log answers and the backlog has room. */
export class Readiness {
  readonly #options: ReadinessOptions
  #probe: { readonly at: number; readonly trouble: Promise<string | undefined> } | undefined
  #isDraining = false

  constructor(options: ReadinessOptions) {
    this.#options = options
  }

  drain(): void {
    this.#isDraining = true
  }

  /** What is wrong, by part; empty when ready. */
  async notReady(): Promise<Readonly<Record<string, string>>> {
    const { backlogFill, backlogFillMax } = this.#options
    const log = this.#options.logTrouble() ?? (await this.#logTrouble())
    const fill = backlogFill()
    return {
      ...(log === undefined ? {} : { log }),
      ...(fill <= backlogFillMax ? {} : { backlog: `${(fill * 100).toFixed(0)} % full` }),
      ...(this.#isDraining ? { service: 'draining' } : {}),
    }
  }

  #logTrouble(): Promise<string | undefined> {
    const now = this.#options.now()
    if (this.#probe === undefined || now - this.#probe.at >= this.#options.probeAgeMsMax) {
      this.#probe = { at: now, trouble: this.#ask() }
    }
    return this.#probe.trouble
  }

  async #ask(): Promise<string | undefined> {
    const { probe, probeMsMax } = this.#options
    const answer = probe()
    if (answer === undefined) return 'not connected yet'
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => {
        resolve(`did not answer within ${String(probeMsMax)} ms`)
      }, probeMsMax)
    })
    const trouble = answer.then(
      () => undefined,
      (error: unknown) => describeError(error),
    )
    return Promise.race([trouble, late]).finally(() => {
      clearTimeout(timer)
    })
  }
}
