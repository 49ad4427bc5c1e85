import { describe, expect, it } from 'vitest'
import { checkRound } from './round-check.ts'
import { SentEvents, type SentEvent } from './sent-events.ts'
import type { DropRow, EventRow, SessionRow, StoredRows } from './stored-rows.ts'
import type { VisitEvent } from './visit-traffic.ts'

const start = 1_795_000_000
const user = '11'
const site = 'round-1.faults.example'
const idOf = (startS: number) => ((BigInt(startS) << 32n) | 5n).toString()

/** What one visitor sent: page, page, click, engagement, within a few seconds; all is right. */
function aRightRound() {
  const names = ['pageview', 'pageview', 'Click', 'engagement'] as const
  const book = new SentEvents()
  const sent = names.map((name, index) => {
    const event: VisitEvent = {
      id: `/r1-${index}`,
      site,
      address: '81.2.0.1',
      name,
      interactive: true,
      engagementMs: name === 'engagement' ? 700 : 0,
      utmSource: `source${index}`,
      key: undefined,
      repeatsAccepted: false,
    }
    const one = book.add(event)
    const answer = { status: 202, receipt: `2-${100 + index}`, at: index * 10 + 5 }
    book.answered(one, book.attempt(one, index * 10), answer)
    return one
  })
  const events: EventRow[] = sent.map(({ id, name }, index) => ({
    id,
    prop: id,
    site,
    name,
    timestamp: start + index,
    userId: user,
    sessionId: idOf(start),
    utmSource: 'source0',
    partition: 2,
    kafkaOffset: 50 + index,
    rawOffset: 100 + index,
  }))
  const session: SessionRow = {
    site,
    sessionId: idOf(start),
    userId: user,
    start,
    lastActivity: start + 3,
    duration: 2,
    pageviews: 2,
    events: 3,
    isBounce: 0,
    entryPage: '/r1-0',
    exitPage: '/r1-1',
    engagementMs: 700,
    utmSource: 'source0',
  }
  const rows: StoredRows = { events, drops: [], sessions: [session], audit: [] }
  return { sent, rows, session }
}

/** The event with these answers and receipts instead, one for each request. */
const withAnswers = (sent: SentEvent, ...answers: [number, string | undefined][]): SentEvent => ({
  ...sent,
  attempts: answers.map(([status, receipt], index) => ({
    status,
    receipt,
    sentAt: index,
    answeredAt: index + 0.5,
  })),
})

const kindsOf = (sent: readonly SentEvent[], rows: StoredRows) => [
  ...new Set(checkRound(sent, rows, { inactivityGapS: 1_800 }).map(({ kind }) => kind)),
]

const right = aRightRound()
const [first, second, third, fourth] = right.rows.events as [EventRow, EventRow, EventRow, EventRow]
const withEvents = (...events: EventRow[]): StoredRows => ({ ...right.rows, events })
const withSession = (changes: Partial<SessionRow>): StoredRows => ({
  ...right.rows,
  sessions: [{ ...right.session, ...changes }],
})
const aDrop = (row: EventRow, reason = 'no_session_for_engagement'): DropRow => ({ ...row, reason })

describe('checkRound', () => {
  it('has nothing to say when every event is once in its place and in its session', () => {
    expect(checkRound(right.sent, right.rows, { inactivityGapS: 1_800 })).toEqual([])
  })

  it('lets what was not accepted be stored once or not at all', () => {
    const sent = right.sent.map((one) => withAnswers(one, [503, undefined]))
    expect(kindsOf(sent, right.rows)).toEqual([])
    expect(kindsOf(sent, { events: [], drops: [], sessions: [], audit: [] })).toEqual([])
    expect(kindsOf(sent, withEvents(...right.rows.events, fourth))).toContain('doubled')
  })

  it('wants an engagement event that nothing came before to be dropped', () => {
    const early = { ...fourth, rawOffset: 90, kafkaOffset: 40, timestamp: start + 2 }
    const sent = [right.sent[2]!, withAnswers(right.sent[3]!, [202, '2-90'])]
    const session: SessionRow = {
      ...right.session,
      sessionId: idOf(start + 2),
      start: start + 2,
      lastActivity: start + 2,
      duration: 0,
      pageviews: 0,
      events: 1,
      entryPage: '',
      exitPage: '',
      engagementMs: 0,
      utmSource: 'source2',
    }
    const click = { ...third, sessionId: idOf(start + 2), utmSource: 'source2' }
    const dropped = { events: [click], drops: [aDrop(early)], sessions: [session], audit: [] }
    expect(kindsOf(sent, dropped)).toEqual([])
    expect(kindsOf(sent, { ...dropped, events: [click, early], drops: [] })).toEqual(['wrong session'])
  })

  describe('of an event that its client repeated', () => {
    const repeat = (rawOffset: number) => ({ ...aDrop(second, 'repeat'), rawOffset })
    const sentTwice = (...answers: [number, string | undefined][]) =>
      right.sent.map((one, index) => (index === 1 ? withAnswers(one, ...answers) : one))
    const rowsWith = (...drops: DropRow[]): StoredRows => ({ ...right.rows, drops })

    it.each<[string, SentEvent[], StoredRows]>([
      ['both accepted, the second a drop', sentTwice([202, '2-101'], [202, '2-120']), rowsWith(repeat(120))],
      [
        'no answer, then accepted: both came',
        sentTwice([0, undefined], [202, '2-120']),
        rowsWith(repeat(120)),
      ],
      ['no answer, then accepted: one came', sentTwice([0, undefined], [202, '2-101']), rowsWith()],
    ])('accepts %s', (_, sent, rows) => {
      expect(kindsOf(sent, rows)).toEqual([])
    })

    it.each<[string, SentEvent[], StoredRows, string]>([
      ['an accepted repeat that is nowhere', sentTwice([202, '2-101'], [202, '2-120']), rowsWith(), 'lost'],
      [
        'two rows of it',
        sentTwice([202, '2-101'], [202, '2-120']),
        withEvents(...right.rows.events, { ...second, rawOffset: 120 }),
        'doubled',
      ],
      ['more rows than requests', sentTwice([202, '2-101']), rowsWith(repeat(120)), 'doubled'],
      [
        'nothing but repeats',
        sentTwice([202, '2-101'], [202, '2-120']),
        { ...withEvents(first, third, fourth), drops: [repeat(101), repeat(120)] },
        'lost',
      ],
      [
        'a repeat that lies before it',
        sentTwice([0, undefined], [202, '2-101']),
        rowsWith(repeat(99)),
        'wrong place',
      ],
      [
        'a receipt of no row',
        sentTwice([202, '2-101'], [202, '2-121']),
        rowsWith(repeat(120)),
        'wrong place',
      ],
    ])('finds %s', (_, sent, rows, kind) => {
      expect(kindsOf(sent, rows)).toContain(kind)
    })
  })

  it.each<[string, StoredRows, string]>([
    ['an accepted event that is nowhere', withEvents(first, second, third), 'lost'],
    [
      'an accepted event that is there twice',
      withEvents(...right.rows.events, { ...third, kafkaOffset: 99 }),
      'doubled',
    ],
    ['an event that is a row and a drop', { ...right.rows, drops: [aDrop(fourth)] }, 'doubled'],
    ['an event that nobody sent', withEvents(...right.rows.events, { ...third, id: '/r1-77' }), 'unknown'],
    [
      'an event at another place than its receipt',
      withEvents(first, second, third, { ...fourth, rawOffset: 104 }),
      'wrong place',
    ],
    ['an event with another name', withEvents(first, { ...second, name: 'Click' }, third, fourth), 'altered'],
    [
      'an event with the properties of another',
      withEvents(first, { ...second, prop: '/r1-0' }, third, fourth),
      'altered',
    ],
    [
      'events of a visitor in two partitions',
      withEvents(first, second, third, { ...fourth, partition: 1 }),
      'out of order',
    ],
    [
      'an event of another session',
      withEvents(first, second, { ...third, sessionId: idOf(start + 2) }, fourth),
      'wrong session',
    ],
    [
      'an event of another user',
      withEvents(first, second, { ...third, userId: '12' }, fourth),
      'wrong session',
    ],
    [
      'an event with another first touch',
      withEvents(first, { ...second, utmSource: 'source1' }, third, fourth),
      'wrong session',
    ],
    [
      'an engagement event that was dropped though there is a session',
      { ...withEvents(first, second, third), drops: [aDrop(fourth)] },
      'wrong session',
    ],
    [
      'an event dropped for another reason',
      { ...withEvents(first, second, third), drops: [aDrop(fourth, 'bot')] },
      'wrong session',
    ],
    ['a session of another user', withSession({ userId: '12' }), 'wrong session'],
    ['a wrong start', withSession({ start: start + 1 }), 'wrong session'],
    ['a wrong last activity', withSession({ lastActivity: start + 2 }), 'wrong session'],
    ['a wrong duration', withSession({ duration: 3 }), 'wrong session'],
    ['too many page views', withSession({ pageviews: 4 }), 'wrong session'],
    ['too many events', withSession({ events: 4 }), 'wrong session'],
    ['a wrong bounce', withSession({ isBounce: 1 }), 'wrong session'],
    ['a wrong entry page', withSession({ entryPage: '/r1-1' }), 'wrong session'],
    ['a wrong exit page', withSession({ exitPage: '/r1-0' }), 'wrong session'],
    ['an engagement time that is counted twice', withSession({ engagementMs: 1_400 }), 'wrong session'],
    ['no session at all', { ...right.rows, sessions: [] }, 'wrong session'],
    [
      'a session that no event is in',
      { ...right.rows, sessions: [right.session, { ...right.session, sessionId: idOf(start + 9) }] },
      'wrong session',
    ],
    ['a line of the audit', { ...right.rows, audit: ['gaps 1'] }, 'audit'],
  ])('finds %s', (_, rows, kind) => {
    expect(kindsOf(right.sent, rows)).toContain(kind)
  })

  it('finds an event that lies behind one that was sent after its answer', () => {
    const swapped: Record<string, number> = { [first.id]: 101, [second.id]: 100 }
    const events = right.rows.events.map((row) => ({ ...row, rawOffset: swapped[row.id] ?? row.rawOffset }))
    const sent = right.sent.map((one, index) => ({
      ...one,
      attempts: [{ ...one.attempts[0]!, receipt: `2-${events[index]!.rawOffset}` }],
    }))
    expect(kindsOf(sent, { ...right.rows, events })).toContain('out of order')
  })

  it('finds sessions that a silence should have parted, and visitors who share a user', () => {
    const problems = checkRound(right.sent, right.rows, { inactivityGapS: 0 })
    expect(problems.map(({ kind }) => kind)).toContain('wrong session')
    const sent = right.sent.map((one, index) => ({ ...one, address: `81.2.0.${index < 2 ? 1 : 2}` }))
    expect(kindsOf(sent, right.rows)).toEqual(['wrong session'])
  })

  it('finds an answer that is neither yes, nor 503, nor none', () => {
    const sent = right.sent.map((one) => withAnswers(one, [400, undefined]))
    expect(kindsOf(sent, right.rows)).toContain('unexpected answer')
  })
})
