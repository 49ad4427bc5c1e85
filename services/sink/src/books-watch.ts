import type { Books } from '@millrace/clickhouse'
import { delay } from '@millrace/runtime'
import type { InternalEvents } from './internal-events.ts'

export interface BooksWatchOptions {
  readonly readBooks: () => Promise<Books>
  readonly internalEvents: Pick<InternalEvents, 'booksRead' | 'booksUnread' | 'booksGivenUp'>
  readonly limits: {
    /** Before the first look, and before a second one where something seems to be missing. */
    readonly booksSoonMs: number
    readonly booksEveryMs: number
  }
}

/**
 * Looks at the books now and then until the signal aborts. What is missing must be so at two looks: while a sink inserts, or
 * is behind with dead letters, one look may see a gap that is gone at the next. A look that fails is left out.
 */
export async function watchBooks(signal: AbortSignal, options: BooksWatchOptions): Promise<void> {
  const { internalEvents, limits } = options
  let before: Books | undefined
  let waitMs = limits.booksSoonMs
  for (;;) {
    await delay(waitMs, signal)
    const books = await look(signal, options)
    if (signal.aborted) break
    waitMs = limits.booksEveryMs
    if (books === undefined) continue
    const missing = missingTwice(before, books)
    internalEvents.booksRead({ missing, inFlight: books.inFlight, losses: books.losses })
    if (books.missing > missing) waitMs = limits.booksSoonMs
    before = books
  }
  internalEvents.booksGivenUp()
}

/** Events that were missing before and still are. */
export function missingTwice(before: Books | undefined, now: Books): number {
  if (before === undefined) return 0
  // Where not every line is listed, the sums have to do.
  if (isCut(before) || isCut(now)) return Math.min(before.missing, now.missing)
  const missingBefore = new Map(before.losses.map((loss) => [lineOf(loss), loss.missing]))
  return now.losses.reduce(
    (sum, loss) => sum + Math.min(loss.missing, missingBefore.get(lineOf(loss)) ?? 0),
    0,
  )
}

function isCut({ missing, losses }: Books): boolean {
  return losses.reduce((sum, loss) => sum + loss.missing, 0) < missing
}

function lineOf({ site, minute }: Books['losses'][number]): string {
  return `${minute} ${site}`
}

/** Undefined when the look failed, or the signal aborted, which waits for no answer. */
async function look(signal: AbortSignal, options: BooksWatchOptions): Promise<Books | undefined> {
  if (signal.aborted) return undefined
  const reading = options.readBooks().catch((error: unknown) => {
    if (!signal.aborted) options.internalEvents.booksUnread(error)
    return undefined
  })
  let stop: () => void = () => undefined
  const stopped = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined)
    signal.addEventListener('abort', stop)
  })
  try {
    return await Promise.race([reading, stopped])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
