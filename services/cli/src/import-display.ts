import { SingleBar } from 'cli-progress'
import type { Terminal } from './command.ts'
import type { ImportState } from './import-ledger.ts'

const barEveryMs = 200
const lineEveryMs = 10_000

/** Shows how far an import is: a bar where a person watches, else a line now and then. Closing it stops the clock. */
export class ImportDisplay {
  readonly #timer: NodeJS.Timeout
  readonly #stop: () => void

  /** @param options.size bytes of the file */
  constructor(options: {
    readonly terminal: Terminal
    readonly size: number
    readonly state: () => ImportState
  }) {
    const { terminal, size, state } = options
    const show = shownState(state)
    if (terminal.isInteractive) {
      const bar = new SingleBar({
        format: '{bar} {percentage}% line {lines}, {speed} events/s, {eta_formatted} left',
      })
      bar.start(size, state().position, show())
      this.#timer = setInterval(() => bar.update(state().position, show()), barEveryMs)
      this.#stop = () => {
        bar.update(state().position, show())
        bar.stop()
      }
    } else {
      this.#timer = setInterval(() => {
        const percent = Math.floor((state().position / Math.max(1, size)) * 100)
        const { lines, speed } = show()
        terminal.warn(`${percent}%, line ${lines}, ${speed} events/s`)
      }, lineEveryMs)
      this.#stop = () => undefined
    }
  }

  close(): void {
    clearInterval(this.#timer)
    this.#stop()
  }
}

/** Lines, and events a second since the beginning. */
function shownState(state: () => ImportState): () => { lines: number; speed: number } {
  const begin = { events: state().counts.events, at: performance.now() }
  return () => {
    const { lines, events } = state().counts
    const seconds = Math.max(0.001, (performance.now() - begin.at) / 1000)
    return { lines, speed: Math.round((events - begin.events) / seconds) }
  }
}
