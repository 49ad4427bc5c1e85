import { createStore, type Store } from '@millrace/clickhouse'
import { delay } from '@millrace/runtime'
import { kameleoonSdkVersion } from '@millrace/traffic'
import type { Terminal } from './command.ts'
import type { CliConfig } from './config.ts'
import { wordBits, type Places, type PlacesFound, type StoredWord } from './load-places.ts'

/** The check gives up when no more was found for this long. */
const stallMsMax = 30_000
/** Between two looks, and at least as long as one takes. */
const pollMs = 500
const lookMsMax = 120_000
/** Clocks may differ by so much. */
const clockSlackS = 600

export interface LoadCheck {
  readonly run: string
  /** Events answered with 2xx. */
  readonly accepted: number
  /** What the receipts named of them. */
  readonly places: Places
  /** Accepted events whose answer named no place, without those that it said were dropped. */
  readonly unplaced: number
  /** Unix seconds. */
  readonly since: number
  readonly config: CliConfig
  readonly terminal: Terminal
}

/**
 * Waits until every accepted event is found, then says whether each is there once. The receipts say where: that holds for all
 * protocols alike, whatever rule drops an event, and whoever else sends at the same time.
 * @returns the exit code
 */
export async function checkStored(check: LoadCheck): Promise<number> {
  const { accepted, places, unplaced, config, terminal } = check
  const store = createStore({
    url: config.clickHouseUrl,
    database: config.CLICKHOUSE_DATABASE,
    user: config.CLICKHOUSE_USER,
    password: config.CLICKHOUSE_PASSWORD,
    requestMsMax: lookMsMax,
  })
  try {
    const found = await settled(store, check)
    const lost = Math.max(0, places.size - placed(found)) + Math.max(0, unplaced - found.unnamed)
    const doubled = found.doubled + places.repeated
    const events = found.events + Math.min(unplaced, found.unnamed)
    terminal.print(
      `of ${String(accepted)} accepted: stored ${String(events)}, dropped by rule ${String(found.dropped)}, ` +
        `dead letters ${String(found.deadLetters)}; lost ${String(lost)}, doubled ${String(doubled)}`,
    )
    if (unplaced > 0)
      terminal.print(`${String(unplaced)} answers' events had no place yet; they were counted by their run`)
    return lost === 0 && doubled === 0 ? 0 : 1
  } finally {
    await store.close()
  }
}

async function settled(store: Store, check: LoadCheck): Promise<PlacesFound> {
  const { places, unplaced } = check
  const sql = lookSql(check)
  let movedAt = performance.now()
  let before = -1
  for (;;) {
    const lookedAt = performance.now()
    const rows = await store.query<Record<keyof StoredWord, string>>(sql)
    const found = places.findIn(rows.map(wordOf))
    const sum = placed(found) + Math.min(unplaced, found.unnamed)
    const now = performance.now()
    if (sum !== before) movedAt = now
    before = sum
    if (sum >= places.size + unplaced || now - movedAt > stallMsMax) return found
    await delay(Math.max(pollMs, now - lookedAt))
  }
}

function placed({ events, dropped, deadLetters }: PlacesFound): number {
  return events + dropped + deadLetters
}

function wordOf(row: Record<keyof StoredWord, string>): StoredWord {
  const { partition, word, events, dropped, deadLetters, marked, rows } = row
  return {
    partition: Number(partition),
    word: Number(word),
    events: Number(events),
    dropped: Number(dropped),
    deadLetters: Number(deadLetters),
    marked: Number(marked),
    rows: Number(rows),
  }
}

/** Where nothing is sure of its place, all rows of the time are looked at, else those between the first and last place. */
function lookSql({ run, places, unplaced, since }: LoadCheck): string {
  const spans = places.spans().map(({ partition, first, last }) => {
    return `(kafka_partition = ${String(partition)} AND raw_offset BETWEEN ${String(first)} AND ${String(last)})`
  })
  const within = unplaced > 0 ? 'true' : spans.length === 0 ? 'false' : `(${spans.join(' OR ')})`
  const recent = `timestamp >= toDateTime(${String(since - clockSlackS)}) AND ${within}`
  const marks = `props['run'] = '${run}' OR props['sdkVersion'] = '${kameleoonSdkVersion(run)}'`
  const bits = `bitShiftLeft(toUInt32(1), place % ${String(wordBits)})`
  const rows = (table: string, source: string, marked: string): string =>
    `SELECT kafka_partition AS partition, raw_offset AS place, '${source}' AS source, ${marked} AS is_marked
     FROM ${table} WHERE ${recent}`
  const mask = (condition: string): string => `groupBitOrIf(${bits}, ${condition})`
  return `SELECT partition, intDiv(place, ${String(wordBits)}) AS word,
      ${mask("source = 'events'")} AS events, ${mask("source = 'dropped'")} AS dropped,
      ${mask("source = 'dead'")} AS deadLetters, ${mask('is_marked')} AS marked, count() AS rows
    FROM (${rows('events', 'events', unplaced > 0 ? marks : 'false')}
      UNION ALL ${rows('dropped_events', 'dropped', 'false')}
      UNION ALL ${rows('dead_letters FINAL', 'dead', 'false')})
    GROUP BY partition, word`
}
