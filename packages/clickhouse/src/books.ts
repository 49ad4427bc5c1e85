import type { Store } from './store.ts'

/** Minutes of receipt, Unix seconds: that of `since` and those after it, up to and without `until`. */
export interface BooksSpan {
  readonly since: number
  readonly until: number
}

/** The books of a span in sum, from the view `all_books`, which says how each number is meant. */
export interface Books {
  readonly sites: number
  /** Lines: one for each minute of each site with traffic. */
  readonly lines: number
  readonly accepted: number
  readonly inFlight: number
  /** Must be 0. */
  readonly missing: number
  readonly surplus: number
  /** Lines with something missing, at most `lossesMax`, the oldest first. */
  readonly losses: readonly BooksLoss[]
}

export interface BooksLoss {
  readonly site: string
  /** Of receipt, Unix seconds. */
  readonly minute: number
  readonly missing: number
}

const lossesMax = 1_000
/** The answer is for people and for a gauge: rather none than one that keeps the store from its work. */
const queryS = 30

/** While an insert is under way what is missing may be gone when asked again. */
export async function readBooks(store: Pick<Store, 'query'>, { since, until }: BooksSpan): Promise<Books> {
  const [row] = await store.query<BooksColumns>(
    `SELECT uniqExact(site) AS sites, count() AS lines, sum(books.accepted) AS accepted,
       sum(books.in_flight) AS inFlight, sum(books.missing) AS missing, sum(books.surplus) AS surplus,
       arraySort(groupArrayIf(${lossesMax})((toUnixTimestamp(minute), site, books.missing), books.missing > 0)) AS losses
     FROM all_books AS books
     WHERE minute >= toStartOfMinute(${instant(since)}) AND minute < ${instant(until)}
     SETTINGS max_execution_time = ${queryS}`,
  )
  return {
    sites: Number(row?.sites),
    lines: Number(row?.lines),
    accepted: Number(row?.accepted),
    inFlight: Number(row?.inFlight),
    missing: Number(row?.missing),
    surplus: Number(row?.surplus),
    losses: (row?.losses ?? []).map(([minute, site, missing]) => ({
      site,
      minute,
      missing: Number(missing),
    })),
  }
}

type BooksColumns = Readonly<
  Record<'sites' | 'lines' | 'accepted' | 'inFlight' | 'missing' | 'surplus', string>
> & {
  readonly losses: readonly (readonly [minute: number, site: string, missing: string])[]
}

function instant(seconds: number): string {
  return `toDateTime(${Math.floor(seconds)}, 'UTC')`
}
