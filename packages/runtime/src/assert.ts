/** @throws Error when the condition does not hold: a bug, which ends the process. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`bug: ${message}`)
}

/** Ends an exhaustive switch; a value that reaches it is a bug. */
export function unreachable(value: never): never {
  throw new Error(`bug: unexpected value ${JSON.stringify(value)}`)
}
