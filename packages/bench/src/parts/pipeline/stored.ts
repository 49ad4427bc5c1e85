import { createStore, type Store } from '@millrace/clickhouse'
import { delay } from '@millrace/runtime'
import type { StoredReading } from './stored-rate.ts'

const queryMsMax = 30_000
const readEveryMs = 100
/** The rest of a load counts as lost when nothing has moved for so long. */
const stallMsMax = 60_000
/** Where more may come than was accepted: nothing has moved for so long. */
const settledMs = 4_000

export function openStore(url: string): Store {
  return createStore({ url, database: 'millrace', user: 'default', password: '', requestMsMax: queryMsMax })
}

/** What became of raw records: rows of events, drops and dead letters. Counts of parts, so it costs next to nothing. */
export async function storedRows(store: Store): Promise<number> {
  const [counts] = await store.query<{ rows: string }>(
    'SELECT (SELECT count() FROM events) + (SELECT count() FROM dropped_events) + (SELECT count() FROM dead_letters) AS rows',
  )
  return Number(counts?.rows)
}

/**
 * Waits until every accepted event is stored.
 * @param options.anyRefused some requests were refused: what a refused one brought may be stored all the same, and late
 * @throws Error when rows stay out, or there are more than expected
 */
export async function awaitStored(
  store: Store,
  { expected, anyRefused }: { readonly expected: number; readonly anyRefused: boolean },
): Promise<void> {
  let [rows, movedAt] = [-1, performance.now()]
  for (;;) {
    const now = await storedRows(store)
    if (now !== rows) [rows, movedAt] = [now, performance.now()]
    const stillMs = performance.now() - movedAt
    if (now === expected && !anyRefused) return
    if (now >= expected && anyRefused && stillMs > settledMs) return
    if (now > expected && !anyRefused)
      throw new Error(`${now} rows are stored of ${expected} accepted events`)
    if (stillMs > stallMsMax) throw new Error(`${now} of ${expected} events are stored`)
    await delay(readEveryMs)
  }
}

/** Reads the number of rows until it is stopped. */
export function watchStored(store: Store): { stop(): Promise<readonly StoredReading[]> } {
  const readings: StoredReading[] = []
  const stopping = new AbortController()
  const reading = (async () => {
    while (!stopping.signal.aborted) {
      readings.push({ rows: await storedRows(store), at: performance.now() })
      await delay(readEveryMs, stopping.signal)
    }
  })()
  reading.catch(() => undefined) // `stop` tells of it
  return {
    stop: async () => {
      stopping.abort()
      await reading
      return readings
    },
  }
}
