/** Named pipes the engine writes results into, one per connection, so that a result is never held in memory. */
import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdirSync, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'

export interface ResultPipe {
  /** Relative to the process's working directory, safe in SQL text. */
  readonly path: string
  open(): OpenPipe
}

/** One result on its way. */
export interface OpenPipe {
  readonly rows: Socket
  /** To be called when the statement is over: what was written can still be read, then `rows` ends. */
  finish(): void
}

/** @throws Error when the system cannot make named pipes in that place */
export function makeResultPipes(directory: string, count: number): ResultPipe[] {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const paths = Array.from({ length: count }, (_, index) => `${directory}/${index}`)
  execFileSync('mkfifo', ['-m', '600', ...paths])
  return paths.map((path) => ({ path, open: () => openPipe(path) }))
}

/**
 * Holds a writing end of its own: without one, `rows` would end before the engine opens the pipe, and a statement that
 * fails before it opens the pipe would leave the reader waiting.
 */
function openPipe(path: string): OpenPipe {
  const reading = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const writing = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  let isFinished = false
  return {
    rows: new Socket({ fd: reading, readable: true, writable: false }),
    finish: () => {
      if (!isFinished) closeSync(writing)
      isFinished = true
    },
  }
}
