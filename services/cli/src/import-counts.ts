import type { LineResult } from './import-reader.ts'

/** What an import has made of the lines so far. */
export interface ImportCounts {
  readonly lines: number
  /** Lines that were requests. */
  readonly requests: number
  /** Events that no rule of the door dropped. */
  readonly events: number
  /** Dropped events by reason, rejected lines by cause. */
  readonly dropped: ReadonlyMap<string, number>
  readonly rejected: ReadonlyMap<string, number>
  /** Unix milliseconds, of the requests. */
  readonly firstReceivedAt: number | undefined
  readonly lastReceivedAt: number | undefined
}

export const nothingCounted: ImportCounts = {
  lines: 0,
  requests: 0,
  events: 0,
  dropped: new Map(),
  rejected: new Map(),
  firstReceivedAt: undefined,
  lastReceivedAt: undefined,
}

/** Counts on from what was counted before. */
export class ImportCounter {
  #lines: number
  #requests: number
  #events: number
  readonly #dropped: Map<string, number>
  readonly #rejected: Map<string, number>
  #firstReceivedAt: number | undefined
  #lastReceivedAt: number | undefined

  constructor(counts: ImportCounts) {
    this.#lines = counts.lines
    this.#requests = counts.requests
    this.#events = counts.events
    this.#dropped = new Map(counts.dropped)
    this.#rejected = new Map(counts.rejected)
    this.#firstReceivedAt = counts.firstReceivedAt
    this.#lastReceivedAt = counts.lastReceivedAt
  }

  get counts(): ImportCounts {
    return {
      lines: this.#lines,
      requests: this.#requests,
      events: this.#events,
      dropped: new Map(this.#dropped),
      rejected: new Map(this.#rejected),
      firstReceivedAt: this.#firstReceivedAt,
      lastReceivedAt: this.#lastReceivedAt,
    }
  }

  add(result: LineResult): void {
    this.#lines++
    if (result.kind === 'rejected') increment(this.#rejected, result.cause)
    if (result.kind !== 'request') return
    const { receivedAt, events } = result
    this.#requests++
    this.#firstReceivedAt = Math.min(this.#firstReceivedAt ?? receivedAt, receivedAt)
    this.#lastReceivedAt = Math.max(this.#lastReceivedAt ?? receivedAt, receivedAt)
    for (const { drop } of events) {
      if (drop === undefined) this.#events++
      else increment(this.#dropped, drop)
    }
  }
}

/** @param name of a fixed set, so the map is bounded */
function increment(map: Map<string, number>, name: string): void {
  map.set(name, (map.get(name) ?? 0) + 1)
}
