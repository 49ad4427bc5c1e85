/** Trouble with a neighbour (log, store, file): says by `code` what, and by `retriable` whether to try again. */
export class NeighbourError extends Error {
  override readonly name: string = 'NeighbourError'
  readonly code: string
  readonly retriable: boolean

  constructor(
    message: string,
    options: { readonly code: string; readonly retriable: boolean; readonly cause?: unknown },
  ) {
    super(message, { cause: options.cause })
    this.code = options.code
    this.retriable = options.retriable
  }
}

export function isRetriable(error: unknown): boolean {
  return error instanceof Error && 'retriable' in error && error.retriable === true
}

/** The error's message and those of its causes, in one line. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.message.replaceAll(/\s+/g, ' ')
  const cause = error.cause === undefined ? '' : describeError(error.cause)
  return own.includes(cause) ? own : `${own}: ${cause}`
}
