import { isWrite, type Faults, type RequestFault, type StepKind } from './faults.ts'
import type { History } from './history.ts'
import type { Scheduler } from './scheduler.ts'
import type { SimulatedProcess, Task } from './simulated-process.ts'

/** A process' own disk fails as a server does, but is never gone. */
export type ServerName = 'log' | 'store' | 'disk'

/** Nothing passes, or requests do and answers do not. */
export type Cut = 'both ways' | 'answers'

/** Something a process asks of a server. */
export interface Request<Answer> {
  readonly from: SimulatedProcess
  readonly server: ServerName
  readonly step: StepKind
  /** For the history; undefined leaves it out. */
  readonly text?: string
  /** How long the server takes, milliseconds. */
  readonly workMs: number
  /** Then the process gives the request up. */
  readonly timeoutMs: number
  /**
   * Whether it may be carried out after the process has given it up. Else giving up closes its connection, and what has
   * not reached the server by then never does.
   */
  readonly canLandLate?: boolean
  /** What the process gets instead of an answer. */
  readonly unavailable: (why: string) => Error
  /** Carried out at the server: answers, now or later, or throws what it refuses with. */
  readonly perform: (answer: (value: Answer | Promise<Answer>) => void) => void
}

export interface NetworkOptions {
  readonly scheduler: Scheduler
  readonly faults: Faults
  readonly history: History
  readonly kill: (process: SimulatedProcess, why: string) => void
  /** The process stands still for a time. */
  readonly freeze: (process: SimulatedProcess, why: string) => void
  /** Called for each write that is sent. */
  readonly onWrite: (from: SimulatedProcess) => void
}

/** How long after its process has gone a request may still be on its way, milliseconds. */
const lateMsMax = 20_000

/** Carries requests between processes and servers, each way with a delay, and loses, delays and cuts as the seed says. */
export class Network {
  /** Writes that are on their way to a server. */
  underWay = 0
  readonly #options: NetworkOptions
  readonly #gone = new Set<ServerName>()
  /** Servers that stand still, and what has come to them meanwhile. */
  readonly #still = new Map<ServerName, (() => void)[]>()
  readonly #cutFromLog = new Map<SimulatedProcess, Cut>()

  constructor(options: NetworkOptions) {
    this.#options = options
  }

  /** What comes to a server that is gone is lost. */
  take(server: ServerName): void {
    this.#gone.add(server)
  }

  bringBack(server: ServerName): void {
    this.#gone.delete(server)
  }

  /** What comes to a server that stands still is carried out when it goes on. */
  halt(server: ServerName): void {
    if (!this.#still.has(server)) this.#still.set(server, [])
  }

  goOn(server: ServerName): void {
    const waiting = this.#still.get(server) ?? []
    this.#still.delete(server)
    for (const land of waiting) land()
  }

  /** Whether the server does nothing now. */
  isGone(server: ServerName): boolean {
    return this.#gone.has(server) || this.#still.has(server)
  }

  cutFromLog(process: SimulatedProcess, cut: Cut): void {
    this.#cutFromLog.set(process, cut)
  }

  mend(process: SimulatedProcess): void {
    this.#cutFromLog.delete(process)
  }

  /** Everything reaches everything. */
  heal(): void {
    this.#gone.clear()
    this.#cutFromLog.clear()
    for (const server of [...this.#still.keys()]) this.goOn(server)
  }

  reaches(process: SimulatedProcess, server: ServerName): boolean {
    return !this.isGone(server) && !(server === 'log' && this.#cutFromLog.get(process) === 'both ways')
  }

  /** Whether answers of a server that is reached come back. */
  isAnswered(process: SimulatedProcess, server: ServerName): boolean {
    return !(server === 'log' && this.#cutFromLog.has(process))
  }

  delay(): number {
    const { random } = this.#options.scheduler
    return random.chance(0.03) ? random.between(5, 200) : random.between(0.2, 3)
  }

  /**
   * Rejects with what the server refuses with, or as unavailable when no answer comes in time. A process that was killed
   * or frozen within the step it is making sends nothing more, or when it wakes.
   */
  ask<Answer>(request: Request<Answer>): Promise<Answer> {
    const { scheduler, faults, onWrite } = this.#options
    const { from, step, timeoutMs, unavailable } = request
    const fault = from.isRunning ? faults.ofRequest(step, request.canLandLate === true) : undefined
    if (isWrite(step) && from.isRunning) onWrite(from)
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        sent.isGivenUp = true
        reject(unavailable('no answer in time'))
      }
      const timeout = scheduler.after(timeoutMs, giveUp, { owner: from, kind: 'timer' })
      const sent: Sent<Answer> = { request, fault, timeout, resolve, reject, isGivenUp: false }
      if (from.isRunning) this.#send(sent)
      else this.#sendOnWaking(sent)
    })
  }

  #sendOnWaking<Answer>(sent: Sent<Answer>): void {
    const send = () => this.#travel(sent, this.delay())
    this.#options.scheduler.after(0, send, { owner: sent.request.from })
  }

  #send<Answer>(sent: Sent<Answer>): void {
    const { kill, freeze, scheduler } = this.#options
    const { request, fault } = sent
    const { from, timeoutMs } = request
    const late = () => timeoutMs + scheduler.random.between(0, lateMsMax)
    this.#tell(sent)
    switch (fault) {
      case undefined:
      case 'answer lost':
        this.#travel(sent, this.delay())
        return
      case 'refused':
        this.#reply(sent, () => sent.reject(request.unavailable('refused')))
        return
      case 'request lost':
        return
      case 'lands late':
        this.#travel(sent, late())
        return
      case 'crash before':
        kill(from, fault)
        return
      case 'crash after':
        this.#travel(sent, this.delay())
        kill(from, fault)
        return
      case 'crash, lands late':
        this.#travel(sent, late())
        kill(from, fault)
        return
      case 'freeze before':
        freeze(from, fault)
        this.#sendOnWaking(sent)
        return
      case 'freeze after':
        this.#travel(sent, this.delay())
        freeze(from, fault)
        return
    }
  }

  #travel<Answer>(sent: Sent<Answer>, ms: number): void {
    const { request } = sent
    this.underWay++
    this.#options.scheduler.after(ms + request.workMs, () => {
      this.underWay--
      this.#land(sent)
    })
  }

  /** At a server that is gone nothing lands: it is refused, or never answered. */
  #land<Answer>(sent: Sent<Answer>): void {
    const { request, fault, resolve, reject } = sent
    const waiting = this.#still.get(request.server)
    if (waiting !== undefined) {
      this.underWay++
      waiting.push(() => {
        this.underWay--
        this.#land(sent)
      })
      return
    }
    if (sent.isGivenUp && request.canLandLate !== true) return
    if (!this.reaches(request.from, request.server)) {
      const { random } = this.#options.scheduler
      if (random.chance(0.5)) this.#reply(sent, () => reject(request.unavailable('refused')))
      return
    }
    try {
      request.perform((value) => {
        if (fault !== 'answer lost') this.#reply(sent, () => resolve(value))
      })
      this.#tell(sent, 'done')
    } catch (error) {
      this.#tell(sent, `refused: ${String(error)}`)
      if (fault !== 'answer lost') this.#reply(sent, () => reject(error as Error))
    }
  }

  #reply<Answer>({ request, timeout }: Sent<Answer>, settle: () => void): void {
    const { scheduler } = this.#options
    if (!this.isAnswered(request.from, request.server)) return
    const arrive = () => {
      scheduler.cancel(timeout)
      settle()
    }
    scheduler.after(this.delay(), arrive, { owner: request.from })
  }

  #tell<Answer>({ request, fault }: Sent<Answer>, outcome?: string): void {
    const { from, text } = request
    if (text === undefined && fault === undefined) return
    if (outcome === undefined && fault === undefined) return
    const how = fault === undefined ? '' : ` [${fault}]`
    this.#options.history.add(from.name, `${outcome ?? 'sends'}: ${text ?? request.step}${how}`)
  }
}

interface Sent<Answer> {
  readonly request: Request<Answer>
  readonly fault: RequestFault | undefined
  readonly timeout: Task
  readonly resolve: (value: Answer | Promise<Answer>) => void
  readonly reject: (error: Error) => void
  isGivenUp: boolean
}
