/** HTTP sessions (`session_id`): a connection kept between requests, with its temporary tables and `SET`s. */
import { EngineError } from './engine-error.ts'
import type { EngineLimits } from './engine-options.ts'
import type { Engine, EngineConnection } from './native-engine.ts'

interface Session {
  readonly connection: EngineConnection
  isBusy: boolean
  forget: NodeJS.Timeout | undefined
}

export class Sessions {
  readonly #engine: Engine
  readonly #limits: EngineLimits
  readonly #sessions = new Map<string, Session>()

  constructor(engine: Engine, limits: EngineLimits) {
    this.#engine = engine
    this.#limits = limits
  }

  /**
   * Lends the session's connection, which is new when the session is.
   * @throws EngineError 373 while another request uses it, 202 when there are too many sessions
   */
  take(id: string): { readonly connection: EngineConnection; readonly isNew: boolean; giveBack(): void } {
    const known = this.#sessions.get(id)
    if (known?.isBusy === true) {
      throw new EngineError(373, 'SESSION_IS_LOCKED', `Session ${id} is locked by a concurrent client`)
    }
    if (known === undefined && this.#sessions.size >= this.#limits.sessionsMax) {
      const max = this.#limits.sessionsMax
      throw new EngineError(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', `Too many sessions. Maximum: ${max}`)
    }
    const session = known ?? { connection: this.#engine.connect(), isBusy: true, forget: undefined }
    session.isBusy = true
    clearTimeout(session.forget)
    this.#sessions.set(id, session)
    const giveBack = () => {
      session.isBusy = false
      session.forget = setTimeout(() => this.#end(id, session), this.#limits.sessionIdleMsMax)
      session.forget.unref()
    }
    return { connection: session.connection, isNew: known === undefined, giveBack }
  }

  /** Only when no statement runs. */
  closeAll(): void {
    for (const [id, session] of this.#sessions) this.#end(id, session)
  }

  #end(id: string, session: Session): void {
    clearTimeout(session.forget)
    this.#sessions.delete(id)
    session.connection.close()
  }
}
