import { expect } from 'vitest'
import { eventually } from './eventually.ts'
import { askAsAnalyst } from './pipeline-process.ts'

interface StoredPlace {
  readonly place: string
  readonly times: string
}

/**
 * Waits until every receipt's event is stored, then holds the tables to the answers: each receipt is there exactly once,
 * the standing audit finds no gap and no duplicate, and the books miss nothing.
 */
export async function expectStoredOnce(
  clickHouseUrl: string,
  receipts: readonly string[],
  msMax: number,
): Promise<void> {
  expect(new Set(receipts).size).toBe(receipts.length)
  const places = await eventually(`${receipts.length} accepted events are stored`, msMax, async () => {
    const rows = await askAsAnalyst<StoredPlace>(
      clickHouseUrl,
      `SELECT concat(toString(kafka_partition), '-', toString(raw_offset)) AS place, count() AS times
       FROM events GROUP BY place`,
    )
    const stored = new Map(rows.map(({ place, times }) => [place, Number(times)]))
    const missing = receipts.filter((receipt) => !stored.has(receipt))
    if (missing.length > 0)
      throw new Error(`${missing.length} are missing, such as ${missing.slice(0, 3).join(' ')}`)
    return stored
  })
  const doubled = [...places].filter(([, times]) => times !== 1)
  expect(doubled).toEqual([])
  expect(await askAsAnalyst(clickHouseUrl, auditProblems)).toEqual([])
  await eventually('the books miss nothing', lookMsMax, async () => {
    expect(await askAsAnalyst(clickHouseUrl, 'SELECT * FROM missing_events')).toEqual([])
  })
}

/** A look may meet an insert. */
const lookMsMax = 10_000

/** Rows only where the books do not balance. */
const auditProblems = 'SELECT * FROM delivery_audit WHERE gaps != 0 OR duplicates != 0 OR raw_duplicates != 0'
