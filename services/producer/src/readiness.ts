import { describeError } from '@millrace/runtime'

export interface ReadinessOptions {
  /** Resolves when the log answers; undefined while there is none. */
  readonly probe: () => Promise<unknown> | undefined
  /** What is known to be wrong with the log without asking it. */
  readonly logTrouble: () => string | undefined
  readonly backlogFill: () => number
  readonly backlogFillMax: number
  /** How far events can wait on the disk; undefined when they cannot. */
  readonly spill: () => { readonly stage: string; readonly fill: number } | undefined
  readonly spillFillMax: number
  readonly probeMsMax: number
  /** An answer of the log is good for this long. */
  readonly probeAgeMsMax: number
  readonly now: () => number
}

export interface ReadinessReport {
  /** What is wrong, by part; empty when ready. */
  readonly reasons: Readonly<Record<string, string>>
  /** What is unusual, but no reason to send requests elsewhere. */
  readonly notes: Readonly<Record<string, string>>
}

/** Whether the producer should be sent requests: the log answers, or events can wait for it, and the backlog has room. */
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

  async report(): Promise<ReadinessReport> {
    const { backlogFill, backlogFillMax, spill, spillFillMax, logTrouble } = this.#options
    const spilled = spill()
    // Where events can wait on the disk, a log that is away is no reason to look elsewhere: it is away for all.
    const log = logTrouble() ?? (spilled === undefined ? await this.#logTrouble() : undefined)
    const fill = backlogFill()
    const waiting = spilled === undefined || spilled.stage === 'direct' ? undefined : describe(spilled)
    const isSpillFull = spilled !== undefined && spilled.fill > spillFillMax
    return {
      reasons: {
        ...(log === undefined ? {} : { log }),
        ...(fill <= backlogFillMax ? {} : { backlog: percent(fill) }),
        ...(isSpillFull ? { spill: describe(spilled) } : {}),
        ...(this.#isDraining ? { service: 'draining' } : {}),
      },
      notes: waiting === undefined || isSpillFull ? {} : { spill: waiting },
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

function describe({ stage, fill }: { readonly stage: string; readonly fill: number }): string {
  return `${stage}, ${percent(fill)}`
}

function percent(fill: number): string {
  return `${(fill * 100).toFixed(0)} % full`
}
