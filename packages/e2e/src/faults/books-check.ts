import type { Problem } from './problem.ts'
import type { SentEvent } from './sent-events.ts'
import type { SiteBooks } from './stored-rows.ts'

/**
 * Holds the books to what the sender knows, when everything has come to rest: they balance, nothing is missing or in
 * flight, and nothing counts as accepted that was neither answered with 202 nor left without an answer.
 */
export function checkBooks(sent: readonly SentEvent[], books: readonly SiteBooks[]): Problem[] {
  const answers = new Map<string, { accepted: number; open: number }>()
  for (const { site, attempts } of sent) {
    const ofSite = answers.get(site) ?? { accepted: 0, open: 0 }
    answers.set(site, ofSite)
    for (const { status } of attempts) {
      if (status === 202) ofSite.accepted++
      if (status === 0) ofSite.open++
    }
  }
  return books.flatMap((line) => {
    const { accepted, open } = answers.get(line.site) ?? { accepted: 0, open: 0 }
    const found = line.inserted + line.dropped + line.repeats + line.deadLetters
    const wrong = [
      ...(line.missing > 0 ? [`${line.missing} are missing`] : []),
      ...(line.inFlight > 0 ? [`${line.inFlight} are in flight`] : []),
      ...(line.accepted + line.surplus === found + line.inFlight + line.missing
        ? []
        : ['they do not balance']),
      ...(line.accepted <= accepted + open ? [] : ['more is accepted than was answered so']),
      ...(found >= accepted ? [] : [`of ${accepted} accepted ${found} are found`]),
    ]
    return wrong.map((what): Problem => ({
      kind: 'audit',
      detail: `books: ${what}: ${JSON.stringify(line)}`,
    }))
  })
}
