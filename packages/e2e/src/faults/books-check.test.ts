import { describe, expect, it } from 'vitest'
import { checkBooks } from './books-check.ts'
import { SentEvents } from './sent-events.ts'
import type { SiteBooks } from './stored-rows.ts'

const site = 'a.example'

function aBook(statuses: readonly number[]) {
  const book = new SentEvents()
  for (const [index, status] of statuses.entries()) {
    const event = book.add({
      id: `/r1-${index}`,
      site,
      address: '81.2.0.1',
      name: 'pageview',
      interactive: true,
      engagementMs: 0,
      utmSource: '',
      key: undefined,
      repeatsAccepted: false,
    })
    book.answered(event, book.attempt(event, 1), { status, receipt: undefined, at: 2 })
  }
  return book.all()
}

const right: SiteBooks = {
  site,
  accepted: 3,
  inserted: 2,
  dropped: 1,
  repeats: 0,
  deadLetters: 0,
  inFlight: 0,
  missing: 0,
  surplus: 0,
}

describe('checkBooks', () => {
  it.each<[string, number[], Partial<SiteBooks>]>([
    ['everything is counted and found', [202, 202, 202, 503], {}],
    ['a killed producer did not hand over its counts', [202, 202, 202], { accepted: 1, surplus: 2 }],
    ['what was refused came into the log', [202, 202, 202, 503], { inserted: 3, surplus: 1 }],
    ['an answer was lost', [202, 202, 0], {}],
    ['what was refused came from the disk', [202, 202, 503], {}],
  ])('has nothing to say when %s', (_, statuses, changes) => {
    expect(checkBooks(aBook(statuses), [{ ...right, ...changes }])).toEqual([])
  })

  it.each<[string, number[], Partial<SiteBooks>, RegExp]>([
    ['what is missing', [202, 202, 202], { inserted: 1, missing: 1 }, /1 are missing/],
    ['what is in flight', [202, 202, 202], { inserted: 1, inFlight: 1 }, /1 are in flight/],
    ['books that do not balance', [202, 202, 202], { inserted: 3 }, /do not balance/],
    ['a count of what nobody sent', [202, 202], {}, /of 2 sent more are accepted/],
    ['less than was accepted', [202, 202, 202, 202], {}, /of 4 accepted 3 are found/],
  ])('finds %s', (_, statuses, changes, text) => {
    const problems = checkBooks(aBook(statuses), [{ ...right, ...changes }])
    expect(problems.map(({ detail }) => detail).join()).toMatch(text)
  })
})
