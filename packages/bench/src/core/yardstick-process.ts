import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const endMsMax = 20_000

/** A yardstick: a small program in a process of its own that says how many events it has done. */
export class YardstickProcess {
  readonly #child: ChildProcess
  #done = 0
  #failure: Error | undefined

  /** @param name of the file under `yardsticks`; @param options passed to it as JSON */
  constructor(name: string, options: unknown) {
    const entry = fileURLToPath(new URL(`../yardsticks/${name}.js`, import.meta.url))
    this.#child = fork(entry, [JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    this.#child.on('message', (done) => {
      if (typeof done === 'number') this.#done = done
    })
    this.#child.once('exit', (code, signal) => {
      this.#failure = new Error(`${name} ended with ${signal ?? String(code)}`)
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Events done. @throws Error when the program has ended by itself */
  done(): number {
    if (this.#failure !== undefined) throw this.#failure
    return this.#done
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit', { signal: AbortSignal.timeout(endMsMax) })
    this.#child.kill('SIGTERM')
    await exited.catch(() => this.#child.kill('SIGKILL'))
  }
}
