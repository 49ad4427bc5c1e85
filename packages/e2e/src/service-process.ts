import { spawn, type ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { eventually } from './eventually.ts'

const root = new URL('../../../', import.meta.url)
/** As the npm scripts start the services. */
const consumerFlags = ['--max-semi-space-size=64']
const startMsMax = 60_000
const stopMsMax = 40_000

/** A Millrace program in a process of its own. */
export class ServiceProcess {
  readonly #child: ChildProcess
  readonly name: string
  /** Resolves when the process has ended, however it did. */
  readonly exited: Promise<void>
  #output = ''

  private constructor(name: string, child: ChildProcess) {
    this.name = name
    this.#child = child
    const keep = (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-20_000)
    }
    child.stdout?.on('data', keep)
    child.stderr?.on('data', keep)
    this.exited = new Promise((resolve) => child.once('exit', () => resolve()))
  }

  /**
   * @param entry from the root, such as `services/sink/dist/main.js`
   * @param readyUrl asked until it answers 200
   */
  static async start(options: {
    readonly entry: string
    readonly environment: Readonly<Record<string, string>>
    readonly readyUrl: string
  }): Promise<ServiceProcess> {
    const child = spawn(process.execPath, nodeArguments(options.entry), {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, HOST: '127.0.0.1', ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const service = new ServiceProcess(options.entry, child)
    await eventually(`${options.entry} is ready`, startMsMax, async () => {
      if (service.hasExited) return
      const response = await fetch(options.readyUrl)
      if (response.status !== 200) throw new Error(`not ready: ${response.status} ${await response.text()}`)
    }).catch((error: unknown) => {
      child.kill('SIGKILL')
      throw new Error(`${String(error)}\n${service.output}`, { cause: error })
    })
    if (service.hasExited) throw new Error(`${options.entry} stopped:\n${service.output}`)
    return service
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** The end of what it wrote to its standard output and error. */
  get output(): string {
    return this.#output
  }

  /** SIGTERM; @returns the exit code */
  async stop(): Promise<number | null> {
    if (this.hasExited) return this.#child.exitCode
    const exited = once(this.#child, 'exit', { signal: AbortSignal.timeout(stopMsMax) })
    this.#child.kill('SIGTERM')
    await exited.catch((error: unknown) => {
      this.#child.kill('SIGKILL')
      throw new Error(`${this.name} did not drain:\n${this.output}`, { cause: error })
    })
    return this.#child.exitCode
  }

  async kill(): Promise<void> {
    if (this.hasExited) return
    this.#child.kill('SIGKILL')
    await this.exited
  }

  /** SIGSTOP: its connections stay open and nothing answers. */
  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  /** SIGCONT */
  thaw(): void {
    this.#child.kill('SIGCONT')
  }

  /** How it ended, such as `SIGKILL` or `1`; undefined while it runs. */
  get end(): string | undefined {
    return this.#child.signalCode ?? this.#child.exitCode?.toString()
  }
}

function nodeArguments(entry: string): string[] {
  const isConsumer = entry.startsWith('services/enricher/') || entry.startsWith('services/sink/')
  return [...(isConsumer ? consumerFlags : []), fileURLToPath(new URL(entry, root))]
}

/** Below what systems hand out by themselves (from 32768 on): nobody else takes it while a service is being restarted. */
const [portMin, portMax] = [12_000, 32_000]

/** A port that was free a moment ago, and that only somebody who asks for it gets. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(portMin, portMax)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    server.close()
    await once(server, 'close')
    return port
  }
}
