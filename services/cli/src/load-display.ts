import type { SendProgress } from '@millrace/traffic'
import { SingleBar } from 'cli-progress'
import type { Terminal } from './command.ts'

const lineEveryS = 5
const barSteps = 1_000

/** Shows how far a run is: a bar where a person watches, else a line now and then. */
export class LoadDisplay {
  readonly #terminal: Terminal
  readonly #bar: SingleBar | undefined
  #lineAtS = lineEveryS

  constructor(terminal: Terminal) {
    this.#terminal = terminal
    if (!terminal.isInteractive) return
    this.#bar = new SingleBar({ format: '{bar} {percentage}% {state}' })
    this.#bar.start(barSteps, 0, { state: '' })
  }

  show(progress: SendProgress): void {
    this.#bar?.update(Math.floor(progress.share * barSteps), { state: stateOf(progress) })
    if (this.#bar !== undefined || progress.elapsedS < this.#lineAtS) return
    this.#lineAtS += lineEveryS
    this.#terminal.warn(`${String(Math.floor(progress.share * 100))}% ${stateOf(progress)}`)
  }

  close(): void {
    this.#bar?.stop()
  }
}

function stateOf({ rate, p50Ms, p99Ms, waiting, failed, unsent }: SendProgress): string {
  const trouble = failed + unsent === 0 ? '' : `, ${String(failed)} failed, ${String(unsent)} not sent`
  return `${rate.toFixed(0)} answers/s, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, ${String(waiting)} waiting${trouble}`
}
