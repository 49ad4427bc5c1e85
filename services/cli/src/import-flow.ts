import { delay, NeighbourError } from '@millrace/runtime'
import type { Backlog } from './import-backlog.ts'

export interface WaitOptions {
  readonly signal: AbortSignal
  readonly pollMs: number
  /** The wait is given up when the backlog has not become smaller for this long. */
  readonly stallMsMax: number
  /** Milliseconds, monotonic. */
  readonly now: () => number
}

/**
 * Waits until so few records wait for the services, or the signal aborts.
 * @throws NeighbourError `BACKLOG_STALLED` when they do not become fewer
 */
export async function awaitBacklog(
  backlog: () => Promise<Backlog>,
  recordsMax: number,
  { signal, pollMs, stallMsMax, now }: WaitOptions,
): Promise<void> {
  let movedAt = now()
  let fewest = Infinity
  while (!signal.aborted) {
    const found = await backlog()
    const records = found.raw + found.enriched
    if (records <= recordsMax) return
    if (records < fewest) [fewest, movedAt] = [records, now()]
    else if (now() - movedAt > stallMsMax) throw stalled(found, stallMsMax)
    await delay(pollMs, signal)
  }
}

function stalled({ raw, enriched }: Backlog, stallMsMax: number): NeighbourError {
  const message =
    `${raw} records wait for the enricher and ${enriched} for the sink, and have not become fewer for ` +
    `${stallMsMax / 1000} s; are both running?`
  return new NeighbourError(message, { code: 'BACKLOG_STALLED', retriable: false })
}

export interface ImportFlowOptions extends WaitOptions {
  readonly backlog: () => Promise<Backlog>
  /** Events a second; undefined: as fast as the services take them. */
  readonly rate: number | undefined
  readonly backlogRecordsMax: number
  /** Records between two looks at the backlog. */
  readonly lookEveryRecords: number
}

/** Holds an import back: at its rate, and while the services are far behind, so that live events need not wait long. */
export class ImportFlow {
  readonly #options: ImportFlowOptions
  #nextAt = -Infinity
  #unlooked = 0

  constructor(options: ImportFlowOptions) {
    this.#options = options
  }

  /** Resolves when so many records may go, or the signal aborts. @throws NeighbourError `BACKLOG_STALLED` */
  async room(records: number): Promise<void> {
    const { rate, now, signal, backlog, backlogRecordsMax, lookEveryRecords } = this.#options
    if (rate !== undefined) {
      const waitMs = this.#nextAt - now()
      if (waitMs > 0) await delay(waitMs, signal)
      this.#nextAt = Math.max(this.#nextAt, now()) + (records / rate) * 1000
    }
    this.#unlooked += records
    if (this.#unlooked < lookEveryRecords) return
    this.#unlooked = 0
    await awaitBacklog(backlog, backlogRecordsMax, this.#options)
  }
}
