import { encodeTally, topics, type RawEvent, type TallyCount } from '@millrace/events'
import type { AppendRecord, Position } from '@millrace/log'

const minuteMs = 60_000
/** Of one record: with the longest sites, and every character of them escaped, it stays below what the log takes. */
const recordCountsMax = 500
const recordSiteCharsMax = 100_000
const totalsMaxDefault = 100_000

/** A running total of one page. */
interface Total {
  readonly counterId: string
  readonly page: number
  readonly site: string
  /** Unix seconds. */
  readonly minute: number
  readonly partition: number
  accepted: number
  lastRawOffset: number
}

/** What tells an event that is counted once from every other: its producer and sequence, in its partition. */
export type OnceCounted = Pick<RawEvent, 'site' | 'receivedAt' | 'producerId' | 'producerSequence'>

export interface TakenCounts {
  readonly records: readonly AppendRecord[]
  /** The append has failed: the next `take` gives them again, with what came since. */
  putBack(): void
}

/**
 * Counts accepted events by site, minute of receipt and raw partition, for the books; `take` gives what changed as records.
 * They hold totals of a page, so one that is written twice, or late, changes nothing. What is forgotten begins a new page
 * at zero.
 */
export class AcceptedCounts {
  readonly #counterId: string
  readonly #totalsMax: number
  #page = 0
  /** The page's totals, by minute, site and partition. */
  #minutes = new Map<number, Map<string, Total[]>>()
  #size = 0
  /** What was not taken since it changed. */
  #changed = new Set<Total>()
  #uncounted = 0

  /**
   * @param options.counterId tells this counter from every other, for ever
   * @param options.totalsMax of the page, and of what waits to be taken
   */
  constructor(options: { readonly counterId: string; readonly totalsMax?: number }) {
    this.#counterId = options.counterId
    this.#totalsMax = options.totalsMax ?? totalsMaxDefault
  }

  /** Totals of the page. */
  get size(): number {
    return this.#size
  }

  /** Events that there was no room for; the books show their rows as surplus. */
  get uncounted(): number {
    return this.#uncounted
  }

  /**
   * @param event.receivedAt Unix milliseconds
   * @param place of its raw record
   */
  add(
    { site, receivedAt }: { readonly site: string; readonly receivedAt: number },
    { partition, offset }: Position,
  ): void {
    const minute = minuteOf(receivedAt)
    const total = this.#find(minute, site, partition) ?? this.#begin({ minute, site, partition })
    if (total === undefined) {
      this.#uncounted++
      return
    }
    total.accepted++
    total.lastRawOffset = Math.max(total.lastRawOffset, offset)
    this.#changed.add(total)
  }

  /**
   * Counts an event that may come here again, from this process or another: it has a page for itself, so that it counts once.
   * @param event as it was appended
   */
  addOnce(event: OnceCounted, { partition, offset }: Position): void {
    if (this.#changed.size >= this.#totalsMax) {
      this.#uncounted++
      return
    }
    const { site, receivedAt, producerId, producerSequence } = event
    const page = { counterId: `once-${producerId}`, page: producerSequence }
    const place = { minute: minuteOf(receivedAt), site, partition }
    this.#changed.add({ ...page, ...place, accepted: 1, lastRawOffset: offset })
  }

  /** What changed since the last call. */
  take(): TakenCounts {
    const totals = [...this.#changed]
    this.#changed = new Set()
    return {
      records: recordsOf(totals),
      putBack: () => {
        for (const total of totals) this.#changed.add(total)
      },
    }
  }

  /**
   * Counts on from zero, on a page of a number that was not used yet. Or on one that was, by work that is done again from its
   * start: counting the same events again then changes nothing.
   */
  turnPage(page = this.#page + 1): void {
    this.#page = page
    this.#minutes = new Map()
    this.#size = 0
  }

  #find(minute: number, site: string, partition: number): Total | undefined {
    return this.#minutes.get(minute)?.get(site)?.[partition]
  }

  #begin(place: Pick<Total, 'minute' | 'site' | 'partition'>): Total | undefined {
    if (this.#size >= this.#totalsMax) return undefined
    const page = { counterId: this.#counterId, page: this.#page }
    const total = { ...page, ...place, accepted: 0, lastRawOffset: 0 }
    let sites = this.#minutes.get(place.minute)
    if (sites === undefined) this.#minutes.set(place.minute, (sites = new Map<string, Total[]>()))
    let partitions = sites.get(place.site)
    if (partitions === undefined) sites.set(place.site, (partitions = []))
    partitions[place.partition] = total
    this.#size++
    return total
  }
}

/** In order, each of one counter and within the limits of a record. */
function recordsOf(totals: readonly Total[]): AppendRecord[] {
  const sheets: Total[][] = []
  let siteChars = 0
  for (const total of totals) {
    const sheet = sheets.at(-1)
    siteChars += total.site.length
    const isFull = sheet?.length === recordCountsMax || siteChars > recordSiteCharsMax
    if (sheet === undefined || isFull || sheet[0]?.counterId !== total.counterId) {
      sheets.push([total])
      siteChars = total.site.length
    } else sheet.push(total)
  }
  return sheets.map((sheet) => ({
    topic: topics.books,
    partition: 0,
    key: null,
    value: encodeTally({ counterId: sheet[0]?.counterId ?? '', counts: sheet.map(countOf) }),
  }))
}

function countOf({ page, site, minute, partition, accepted, lastRawOffset }: Total): TallyCount {
  return [page, site, minute, partition, accepted, lastRawOffset]
}

function minuteOf(receivedAt: number): number {
  return Math.floor(receivedAt / minuteMs) * (minuteMs / 1000)
}
