import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { FromClient, Prepared, Preparation, ToClient } from './client-messages.ts'
import type { Load, LoadResult, StretchEdge } from './load.ts'

/** The client in a process of its own, so that it takes no time of what is measured, and its own can be measured. */
export class LoadClient {
  readonly #child: ChildProcess
  readonly pid: number

  private constructor(child: ChildProcess, pid: number) {
    this.#child = child
    this.pid = pid
  }

  static async start(): Promise<LoadClient> {
    const child = fork(new URL('./client-main.js', import.meta.url))
    await once(child, 'spawn')
    if (child.pid === undefined) throw new Error('the client has no process')
    return new LoadClient(child, child.pid)
  }

  /** Generates and encodes requests; the ones from before are gone. */
  async prepare(preparation: Preparation): Promise<Prepared> {
    const answer = await this.#ask({ kind: 'prepare', preparation })
    if (answer.kind !== 'prepared') throw new Error(`the client answers ${answer.kind}`)
    return answer.prepared
  }

  /** @param onEdge called as the stretch begins and ends */
  async run(load: Load, onEdge: (edge: StretchEdge) => void = () => undefined): Promise<LoadResult> {
    const answer = await this.#ask({ kind: 'run', load }, onEdge)
    if (answer.kind !== 'result') throw new Error(`the client answers ${answer.kind}`)
    return answer.result
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.disconnect()
    await exited
  }

  /** One question at a time. @throws Error with what failed in the client */
  async #ask(question: ToClient, onEdge?: (edge: StretchEdge) => void): Promise<FromClient> {
    const answer = await new Promise<FromClient>((resolve, reject) => {
      const ended = (): void => reject(new Error('the client has ended'))
      const heard = (message: unknown): void => {
        const told = message as FromClient
        if (told.kind === 'edge') {
          onEdge?.(told.edge)
          return
        }
        this.#child.off('message', heard)
        this.#child.off('exit', ended)
        resolve(told)
      }
      this.#child.on('message', heard)
      this.#child.once('exit', ended)
      this.#child.send(question)
    })
    if (answer.kind === 'failed') throw new Error(`the client failed: ${answer.message}`)
    return answer
  }
}
