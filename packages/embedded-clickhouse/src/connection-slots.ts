/** Hands out the places statements run in; the rest wait in order, up to a limit. */
import { EngineError } from './engine-error.ts'
import type { EngineLimits } from './engine-options.ts'
import type { ResultPipe } from './result-pipes.ts'

export interface Slot {
  readonly pipe: ResultPipe
  release(): void
}

interface Waiting {
  readonly isReadonly: boolean
  readonly grant: () => void
}

export class ConnectionSlots {
  readonly #pipes: ResultPipe[]
  readonly #limits: EngineLimits
  readonly #waiting: Waiting[] = []
  readonly #count: number
  #readonlyInUse = 0
  readonly #idle: (() => void)[] = []

  constructor(pipes: readonly ResultPipe[], limits: EngineLimits) {
    this.#pipes = [...pipes]
    this.#count = pipes.length
    this.#limits = limits
  }

  /** @throws EngineError 202 when too many wait, or the wait is too long */
  async take(isReadonly: boolean, signal: AbortSignal): Promise<Slot> {
    return this.#mayRun(isReadonly) ? this.#claim(isReadonly) : this.#wait(isReadonly, signal)
  }

  /** Resolves when nothing runs. */
  async whenIdle(): Promise<void> {
    if (this.#pipes.length === this.#count) return
    await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #mayRun(isReadonly: boolean): boolean {
    return (
      this.#pipes.length > 0 && !(isReadonly && this.#readonlyInUse >= this.#limits.readonlyConnectionsMax)
    )
  }

  #claim(isReadonly: boolean): Slot {
    const pipe = this.#pipes.pop()
    if (pipe === undefined) throw new Error('bug: a slot was granted without a pipe')
    if (isReadonly) this.#readonlyInUse++
    let isReleased = false
    return {
      pipe,
      release: () => {
        if (isReleased) return
        isReleased = true
        this.#pipes.push(pipe)
        if (isReadonly) this.#readonlyInUse--
        this.#grantNext()
      },
    }
  }

  #wait(isReadonly: boolean, signal: AbortSignal): Promise<Slot> {
    if (this.#waiting.length >= this.#limits.queuedQueriesMax) throw tooMany(this.#limits.queuedQueriesMax)
    return new Promise((resolve, reject) => {
      const leave = (error: Error) => {
        clearTimeout(deadline)
        signal.removeEventListener('abort', abandon)
        const place = this.#waiting.indexOf(waiting)
        if (place !== -1) this.#waiting.splice(place, 1)
        reject(error)
      }
      const abandon = () => leave(new EngineError(394, 'QUERY_WAS_CANCELLED', 'Query was cancelled'))
      const deadline = setTimeout(() => leave(tooMany(this.#limits.connections)), this.#limits.queueWaitMsMax)
      const grant = () => {
        clearTimeout(deadline)
        signal.removeEventListener('abort', abandon)
        resolve(this.#claim(isReadonly))
      }
      const waiting = { isReadonly, grant }
      this.#waiting.push(waiting)
      signal.addEventListener('abort', abandon, { once: true })
      if (signal.aborted) abandon()
    })
  }

  #grantNext(): void {
    const place = this.#waiting.findIndex(({ isReadonly }) => this.#mayRun(isReadonly))
    if (place !== -1) this.#waiting.splice(place, 1)[0]?.grant()
    else if (this.#pipes.length === this.#count) for (const resolve of this.#idle.splice(0)) resolve()
  }
}

function tooMany(max: number): EngineError {
  return new EngineError(
    202,
    'TOO_MANY_SIMULTANEOUS_QUERIES',
    `Too many simultaneous queries. Maximum: ${max}`,
  )
}
