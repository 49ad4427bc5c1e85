import type { EventRow } from '@millrace/clickhouse'
import { overridableColumns } from '@millrace/events'
import { monthOf } from './insert-batch.ts'

/** What a layer holds of one session so far. */
interface SessionInLayer {
  layer: number
  month: string
  isOfSeveralMonths: boolean
  newest: EventRow
}

/**
 * The rows in layers, to be inserted one after the other, each by months in any order. The `sessions` view takes device and
 * place from the row that was inserted last: where they change in a session that lies in two months, what follows the
 * change must not be inserted before what precedes it. Nearly always all rows are in one layer.
 */
export function insertLayers(rows: readonly EventRow[]): EventRow[][] {
  const sessions = new Map<string, SessionInLayer>()
  const layers: EventRow[][] = []
  let month = monthOf(rows[0]?.timestamp ?? 0)
  for (const row of rows) {
    if (row.timestamp < month.start || row.timestamp >= month.end) month = monthOf(row.timestamp)
    const key = `${row.site} ${row.userId} ${row.sessionStart}`
    const session = sessions.get(key)
    if (session !== undefined) advance(session, row, month.name)
    else sessions.set(key, { layer: 0, month: month.name, isOfSeveralMonths: false, newest: row })
    const layer = session?.layer ?? 0
    const layerRows = (layers[layer] ??= [])
    layerRows.push(row)
  }
  return layers
}

function advance(session: SessionInLayer, row: EventRow, month: string): void {
  const isElsewhere = session.isOfSeveralMonths || session.month !== month
  if (isElsewhere && overridableColumns.some((name) => row[name] !== session.newest[name])) {
    session.layer++
    session.month = month
    session.isOfSeveralMonths = false
  } else if (session.month !== month) session.isOfSeveralMonths = true
  session.newest = row
}
