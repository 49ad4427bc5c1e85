import { delay, describeError, NeighbourError } from '@millrace/runtime'

export interface ListenOptions {
  /** Listens; rejects with `EADDRINUSE` when somebody else has the port. */
  readonly listen: () => Promise<void>
  readonly address: string
  readonly waitMsMax: number
  readonly pollMs: number
  readonly onTaken: () => void
  readonly now: () => number
}

/**
 * Listens, waiting for a port that an old instance may still hold while it drains.
 * @throws NeighbourError `PORT_TAKEN` after `waitMsMax`; or what `listen` rejects with
 */
export async function listenWhenFree(options: ListenOptions): Promise<void> {
  const deadline = options.now() + options.waitMsMax
  for (let attempt = 1; ; attempt++) {
    try {
      await options.listen()
      return
    } catch (error) {
      if (!isTaken(error)) throw error
      if (options.now() >= deadline) {
        const message = `${options.address} is taken by another program (waited ${String(options.waitMsMax)} ms): ${describeError(error)}`
        throw new NeighbourError(message, { code: 'PORT_TAKEN', retriable: false })
      }
      if (attempt === 1) options.onTaken()
      await delay(options.pollMs)
    }
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}
