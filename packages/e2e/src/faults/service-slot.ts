import { setTimeout as sleep } from 'node:timers/promises'
import { ServiceProcess } from '../service-process.ts'

export type ServiceKind = 'producer' | 'enricher' | 'sink' | 'pipeline'

export interface ServiceSlotOptions {
  readonly kind: ServiceKind
  /** From 1. */
  readonly number: number
  /** Where it listens, the same after each start. */
  readonly port: number
  readonly environment: Readonly<Record<string, string>>
}

/** A process that ended without being told to. */
export interface UnaskedEnd {
  readonly slot: string
  /** Signal or exit code. */
  readonly end: string
  readonly output: string
}

/** What an operator's supervisor waits before it starts a process that ended again. */
const restartDelayMs = 500
const startsMax = 5

/** The place of one service of a bench: a process that is killed, frozen and started again, always at the same port. */
export class ServiceSlot {
  readonly kind: ServiceKind
  readonly name: string
  readonly url: string
  readonly #options: ServiceSlotOptions
  readonly #unaskedEnds: UnaskedEnd[] = []
  #process: ServiceProcess | undefined
  #isWanted = false
  #starting: Promise<void> = Promise.resolve()
  #earlierOutput = ''

  constructor(options: ServiceSlotOptions) {
    this.#options = options
    this.kind = options.kind
    this.name = `${options.kind} ${options.number}`
    this.url = `http://127.0.0.1:${options.port}`
  }

  get isRunning(): boolean {
    return this.#process !== undefined
  }

  get isWanted(): boolean {
    return this.#isWanted
  }

  /** Processes that ended by themselves; each was started again. */
  get unaskedEnds(): readonly UnaskedEnd[] {
    return this.#unaskedEnds
  }

  /** The end of what its processes wrote. */
  get output(): string {
    return this.#earlierOutput + (this.#process?.output ?? '')
  }

  /** Starts its process; `ready` tells when it serves. */
  launch(): void {
    this.#isWanted = true
    this.#starting = this.#start()
    this.#starting.catch(() => undefined) // `ready` says it
  }

  /** Resolves when the process that is wanted serves. @throws why it does not start */
  ready(): Promise<void> {
    return this.#starting
  }

  async start(): Promise<void> {
    this.launch()
    await this.ready()
  }

  async kill(): Promise<void> {
    const running = await this.#givenUp()
    await running?.kill()
    this.#keepOutput(running)
  }

  /** SIGTERM. @returns how it ended: `0` when it drained */
  async drain(): Promise<string> {
    const running = await this.#givenUp()
    await running?.stop()
    this.#keepOutput(running)
    return running?.end ?? 'was not running'
  }

  /** kill -9 without waiting, for the end of this process. */
  killNow(): void {
    this.#isWanted = false
    if (this.#process !== undefined) process.kill(this.#process.pid, 'SIGKILL')
  }

  freeze(): void {
    this.#process?.freeze()
  }

  thaw(): void {
    this.#process?.thaw()
  }

  async #givenUp(): Promise<ServiceProcess | undefined> {
    this.#isWanted = false
    await this.#starting.catch(() => undefined)
    const process = this.#process
    this.#process = undefined
    return process
  }

  async #start(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        const process = await ServiceProcess.start(this.#command())
        this.#process = process
        void process.exited.then(() => this.#ended(process))
        return
      } catch (error) {
        this.#unaskedEnds.push({ slot: this.name, end: 'did not start', output: String(error) })
        if (attempt === startsMax || !this.#isWanted) throw error
      }
      await sleep(restartDelayMs)
    }
  }

  #command() {
    const { kind, port, environment } = this.#options
    const hasHttpSide = kind === 'producer' || kind === 'pipeline'
    return {
      entry: `services/${kind}/dist/main.js`,
      environment: { ...environment, [hasHttpSide ? 'PORT' : 'ADMIN_PORT']: String(port) },
      readyUrl: `${this.url}/readyz`,
    }
  }

  #ended(process: ServiceProcess): void {
    if (this.#process !== process) return
    this.#process = undefined
    this.#keepOutput(process)
    this.#unaskedEnds.push({ slot: this.name, end: process.end ?? '', output: process.output.slice(-4_000) })
    this.#starting = sleep(restartDelayMs).then(() => (this.#isWanted ? this.#start() : undefined))
    this.#starting.catch(() => undefined)
  }

  #keepOutput(process: ServiceProcess | undefined): void {
    if (process === undefined) return
    const end = `\n--- ended with ${process.end ?? ''} ---\n`
    this.#earlierOutput = (this.#earlierOutput + process.output + end).slice(-40_000)
  }
}
