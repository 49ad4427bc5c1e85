import { delay } from '@millrace/runtime'

/** Resolves with the work, or after the time given; rejects with the work. */
export async function firstOf(work: Promise<unknown>, msMax: number): Promise<void> {
  const giveUp = new AbortController()
  try {
    await Promise.race([work, delay(msMax, giveUp.signal)])
  } finally {
    giveUp.abort()
  }
}
