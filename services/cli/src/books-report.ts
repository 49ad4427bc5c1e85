import { readBooks, type Books, type BooksLoss, type Store } from '@millrace/clickhouse'
import { delay } from '@millrace/runtime'

const dayS = 86_400
/** Later than this nothing is on its way any more where no consumer is behind. */
const arrivedS = 300
const againMs = 3_000
const namedMax = 5

export interface BooksReport {
  /** What the books say, in one line. */
  readonly detail: string
  readonly ok: boolean
}

/**
 * Reads the books of the last day; where something seems to be missing, again a moment later, as one look may meet an insert.
 * @param records that the consumers are behind in all, undefined when that is not known
 * @param now Unix seconds
 */
export async function reportBooks(
  store: Pick<Store, 'query'>,
  { behind, now }: { readonly behind: number | undefined; readonly now: number },
): Promise<BooksReport> {
  const span = { since: now - dayS, until: now + 60 }
  const first = await readBooks(store, span)
  const late = { ...span, until: now - arrivedS }
  const stuck = behind === 0 ? (await readBooks(store, late)).inFlight : 0
  if (first.missing === 0) return describeBooks(first, stuck)
  await delay(againMs)
  return describeBooks(await readBooks(store, span), stuck)
}

/** @param stuck events in flight that nothing can bring any more */
export function describeBooks(books: Books, stuck: number): BooksReport {
  const { lines, sites, accepted, inFlight, missing, surplus, losses } = books
  const minutes = `${count(lines, 'minute')} of ${count(sites, 'site')}`
  const rest = [
    ...(inFlight > stuck ? [`${inFlight - stuck} in flight`] : []),
    ...(surplus > 0 ? [`${surplus} stored that nobody counted`] : []),
  ].map((text) => `, ${text}`)
  if (missing === 0 && stuck === 0) {
    return { ok: true, detail: `${minutes} balance, ${count(accepted, 'event')} accepted${rest.join('')}` }
  }
  const named = losses.slice(0, namedMax).map(nameOf)
  if (losses.length > namedMax) named.push(`${losses.length - namedMax} minutes more`)
  const problems = [
    ...(missing > 0
      ? [`${missing} of ${count(accepted, 'accepted event')} are missing: ${named.join('; ')}`]
      : []),
    ...(stuck > 0 ? [`${stuck} did not arrive, though no consumer is behind`] : []),
  ]
  return { ok: false, detail: `${problems.join('; ')}${rest.join('')}` }
}

function nameOf({ site, minute, missing }: BooksLoss): string {
  return `${missing} of ${site} at ${new Date(minute * 1000).toISOString().slice(0, 16)}Z`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
