import { delay, type Logger, type StartFailure } from '@millrace/runtime'
import { Worker, type ResourceLimits } from 'node:worker_threads'

/** A service that stops by itself is started again, but not more often than this within the window. */
const restartsMax = 5
const restartWindowMs = 60_000
const restartDelayMs = 500

export interface ServiceThreadOptions {
  readonly name: string
  /** The service's `main.js`. */
  readonly entry: URL
  readonly environment: NodeJS.ProcessEnv
  /** Other service threads of this process, whose metrics it may collect. */
  readonly peers: number
  /** Absent: V8's own. */
  readonly resourceLimits?: ResourceLimits
  readonly logger: Logger
  /** Called when it keeps stopping. */
  readonly onGivenUp: (error: Error) => void
}

/** One service in a worker thread of this process, started again when it stops without being asked. */
export class ServiceThread {
  readonly #options: ServiceThreadOptions
  #worker: Worker | undefined
  #exited: Promise<void> = Promise.resolve()
  #draining = false
  #restarts: number[] = []

  constructor(options: ServiceThreadOptions) {
    this.#options = options
  }

  /** Resolves when the service has said that it is ready. */
  async start(): Promise<void> {
    const { entry, environment, name, peers, resourceLimits = {} } = this.#options
    const worker = new Worker(entry, { env: environment, name, workerData: { peers }, resourceLimits })
    this.#worker = worker
    let hasStarted = false
    this.#exited = new Promise((resolve) => {
      worker.once('exit', () => {
        resolve()
        if (hasStarted) void this.#restart()
      })
    })
    await new Promise<void>((resolve, reject) => {
      worker.once('message', (message: 'ready' | StartFailure) => {
        if (message === 'ready') {
          hasStarted = true
          resolve()
        } else reject(new Error(message.startFailed))
      })
      worker.once('error', reject)
      worker.once('exit', () => reject(new Error(`the ${name} stopped while starting`)))
    })
    worker.on('error', () => undefined) // its own log line has said it; `exit` follows
  }

  /** Lets the service finish what is in hand; resolves when its thread has ended. */
  async drain(): Promise<void> {
    this.#draining = true
    this.#worker?.postMessage('drain')
    await this.#exited
  }

  async #restart(): Promise<void> {
    if (this.#draining) return
    const { logger, name, onGivenUp } = this.#options
    const now = Date.now()
    this.#restarts = [...this.#restarts.filter((at) => now - at < restartWindowMs), now]
    if (this.#restarts.length > restartsMax) {
      onGivenUp(
        new Error(`the ${name} stopped ${this.#restarts.length} times within ${restartWindowMs / 1000} s`),
      )
      return
    }
    logger.warn({ service: name }, 'a service stopped and is started again')
    await delay(restartDelayMs)
    await this.start().catch(() => this.#restart())
  }
}
