import { setTimeout as sleep } from 'node:timers/promises'

const pollMs = 100

/** Repeats the check until it does not throw; after `msMax` its last error is thrown under the name of the wait. */
export async function eventually<T>(name: string, msMax: number, check: () => Promise<T> | T): Promise<T> {
  const deadline = performance.now() + msMax
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() > deadline) {
        throw new Error(
          `${name}: not within ${msMax} ms: ${error instanceof Error ? error.message : String(error)}`,
          {
            cause: error,
          },
        )
      }
      await sleep(pollMs)
    }
  }
}
