import type { Problem } from './problem.ts'
import type { SentEvent } from './sent-events.ts'
import type { SiteBooks } from './stored-rows.ts'

/**
 * Holds the books to what the sender knows, when everything has come to rest: they balance, nothing is missing or in
 * flight, all that was answered with 202 is found, and no more counts as accepted than was sent. (A request may be answered
 * with 503 while its producer is still writing the event to its disk; it counts when it has come into the log.)
 */
export function checkBooks(sent: readonly SentEvent[], books: readonly SiteBooks[]): Problem[] {
  const answers = new Map<string, { accepted: number; sent: number }>()
  for (const { site, attempts } of sent) {
    const ofSite = answers.get(site) ?? { accepted: 0, sent: 0 }
    answers.set(site, ofSite)
    ofSite.sent += attempts.length
    ofSite.accepted += attempts.filter(({ status }) => status === 202).length
  }
  return books.flatMap((line) => {
    const { accepted, sent: requests } = answers.get(line.site) ?? { accepted: 0, sent: 0 }
    const found = line.inserted + line.dropped + line.repeats + line.deadLetters
    const wrong = [
      ...(line.missing > 0 ? [`${line.missing} are missing`] : []),
      ...(line.inFlight > 0 ? [`${line.inFlight} are in flight`] : []),
      ...(line.accepted + line.surplus === found + line.inFlight + line.missing
        ? []
        : ['they do not balance']),
      ...(line.accepted <= requests ? [] : [`of ${requests} sent more are accepted`]),
      ...(found >= accepted ? [] : [`of ${accepted} accepted ${found} are found`]),
    ]
    return wrong.map((what): Problem => ({
      kind: 'audit',
      detail: `books: ${what}: ${JSON.stringify(line)}`,
    }))
  })
}
