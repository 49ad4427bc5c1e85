import type { EnrichedEvent, OverridableColumn } from '@millrace/events'
import { anEnrichedEvent } from '@millrace/events/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SessionFold } from './session-fold.ts'
import { firstTouchOf, type Session, type StoredSession } from './session.ts'
import { referenceLabels, sessionLabel } from './testing.ts'

const gapS = 1800
const noon = Date.UTC(2026, 10, 21, 12) / 1000

function aFold(changes: { sessionsMax?: number; knownFrom?: number } = {}): SessionFold {
  return new SessionFold({ inactivityGapS: gapS, sessionsMax: 1000, knownFrom: -Infinity, ...changes })
}

function at(seconds: number, changes: Partial<EnrichedEvent> = {}): EnrichedEvent {
  return anEnrichedEvent({ timestamp: noon + seconds, ...changes })
}

describe('a session', () => {
  it.each([
    ['goes on after a silence of exactly the gap', [0, 1800], [0, 0]],
    ['ends with a silence of a second more', [0, 1801], [0, 1801]],
    ['slides with each event, without a longest duration', [0, 1800, 3600, 5400], [0, 0, 0, 0]],
    ['takes in an event from before its start, within the gap', [0, -1800], [0, 0]],
    ['leaves an event from before its window a session of its own', [0, -1801], [0, -1801]],
    ['keeps its last activity when an older event comes late', [0, 1000, 10, 2800, 2801], [0, 0, 0, 0, 0]],
    ['takes in a late event though a later session is open', [0, 5000, 100, 5100], [0, 5000, 0, 5000]],
    ['takes an event that two windows cover if it started last', [0, 3600, 1800], [0, 3600, 3600]],
    ['keeps its start when an earlier event joins', [0, -1000, -1900], [0, 0, -1900]],
  ])('%s', (_title, seconds, starts) => {
    const fold = aFold()
    expect(seconds.map((second) => (fold.assign(at(second))?.start ?? NaN) - noon)).toEqual(starts)
  })

  it('belongs to one visitor of one site', () => {
    const fold = aFold()
    const one = fold.assign(at(0))
    expect(fold.assign(at(1, { site: 'other.com' }))).not.toBe(one)
    expect(fold.assign(at(1, { userId: '00000000000000a2' }))).not.toBe(one)
    expect(fold.assign(at(1))).toBe(one)
  })

  it('keeps id and user id when the visitor id changes at midnight', () => {
    const fold = aFold()
    const before = fold.assign(at(0, { userId: '000000000000aaaa', previousUserId: '0000000000009999' }))
    const after = fold.assign(at(60, { userId: '000000000000bbbb', previousUserId: '000000000000aaaa' }))
    expect(after).toBe(before)
    expect(after?.userId).toBe('000000000000aaaa')
  })

  it("prefers today's id to yesterday's", () => {
    const fold = aFold()
    fold.assign(at(0, { userId: '000000000000aaaa' }))
    const today = fold.assign(at(10, { userId: '000000000000bbbb' }))
    const next = fold.assign(at(20, { userId: '000000000000bbbb', previousUserId: '000000000000aaaa' }))
    expect(next).toBe(today)
  })

  it('keeps the first touch', () => {
    const fold = aFold()
    fold.assign(at(0, { utmSource: 'first', country: 'GB', device: 'Mobile' }))
    const session = fold.assign(at(60, { utmSource: 'second', country: 'FR', device: 'Desktop' }))
    expect(session?.firstTouch).toMatchObject({ utmSource: 'first', country: 'GB', device: 'Mobile' })
  })
})

describe('an event that overrides device or place', () => {
  const paris = { country: 'FR', city: 'Paris', overrides: ['country', 'city'] as OverridableColumn[] }
  const placesOf = (events: readonly EnrichedEvent[]) => {
    const fold = aFold()
    return events.map((event) => fold.assign(event)?.firstTouch.city)
  }

  it('changes the values from itself on', () => {
    expect(placesOf([at(0), at(1, paris), at(2)])).toEqual(['London', 'Paris', 'Paris'])
  })

  it('changes no other column and no other session', () => {
    const fold = aFold()
    const other = fold.assign(at(0, { site: 'other.com' }))
    fold.assign(at(0, { utmSource: 'first', device: 'Mobile' }))
    const session = fold.assign(at(1, { ...paris, utmSource: 'second', device: 'Desktop' }))
    expect(session?.firstTouch).toMatchObject({ utmSource: 'first', device: 'Mobile', country: 'FR' })
    expect(other?.firstTouch).toMatchObject({ country: 'GB', city: 'London' })
  })

  it('opens a session with its values, which do not outlive it', () => {
    expect(placesOf([at(0, paris), at(1800), at(3601)])).toEqual(['Paris', 'Paris', 'London'])
  })

  it('that comes late changes what follows it in the log, not in time', () => {
    expect(placesOf([at(0), at(600), at(300, paris), at(601)])).toEqual([
      'London',
      'London',
      'Paris',
      'Paris',
    ])
  })

  it('yields to the next, column by column', () => {
    const lyon = { city: 'Lyon', country: 'XX', overrides: ['city'] as OverridableColumn[] }
    const fold = aFold()
    const last = [at(0), at(1, paris), at(2, lyon), at(3)].map((event) => fold.assign(event)).at(-1)
    expect(last?.firstTouch).toMatchObject({ country: 'FR', city: 'Lyon' })
  })
})

describe('an engagement event', () => {
  it('opens no session', () => {
    const fold = aFold()
    expect(fold.assign(at(0, { name: 'engagement' }))).toBeUndefined()
    expect(fold.size).toBe(0)
  })

  it('extends the window of a live one', () => {
    const fold = aFold()
    const session = fold.assign(at(0))
    expect(fold.assign(at(1800, { name: 'engagement' }))).toBe(session)
    expect(fold.assign(at(3600))).toBe(session)
    expect(fold.assign(at(5401, { name: 'engagement' }))).toBeUndefined()
  })
})

describe('memory', () => {
  it('holds what was active since the time it forgets up to', () => {
    const fold = aFold()
    for (let visitor = 0; visitor < 100; visitor++) fold.assign(visit(visitor, visitor * 60))
    fold.assign(visit(0, 100))
    expect(fold.size).toBe(100)
    fold.forget(noon + 50 * 60)
    expect(fold.size).toBe(50)
    expect(fold.mustRecall(at(50 * 60 + gapS))).toBe(false)
    expect(fold.mustRecall(at(50 * 60 + gapS - 1))).toBe(true)
  })

  it('stays within its limit by forgetting what was silent longest', () => {
    const fold = aFold({ sessionsMax: 10 })
    for (let visitor = 0; visitor < 100; visitor++) fold.assign(visit(visitor, visitor * 60))
    fold.forget(noon)
    expect(fold.size).toBe(10)
    expect(fold.knownFrom).toBe(noon + 90 * 60)
    expect(fold.assign(visit(95, 95 * 60 + 1))?.start).toBe(noon + 95 * 60)
  })

  it('asks for no visitor whose session it has', () => {
    const fold = aFold({ sessionsMax: 10 })
    for (let visitor = 0; visitor < 100; visitor++) fold.assign(visit(visitor, visitor * 15))
    fold.forget(noon)
    expect(fold.mustRecall(visit(99, 1500))).toBe(false)
    expect(fold.mustRecall(visit(0, 1500))).toBe(true)
    expect(fold.mustRecall(visit(100, 1500))).toBe(true)
    expect(
      fold.mustRecall(at(1500, { userId: visit(100, 0).userId, previousUserId: visit(99, 0).userId })),
    ).toBe(true)
  })

  it('asks for a visitor whose session in memory is older than what it has forgotten', () => {
    const fold = aFold({ knownFrom: noon + 1 })
    const forgotten = { site: at(0).site, userId: at(0).userId, hash: 1, firstTouch: firstTouchOf(at(0)) }
    fold.assign(at(-1801))
    expect(fold.mustRecall(at(-900))).toBe(true)
    fold.recall([{ ...forgotten, start: noon, lastActivity: noon }])
    expect(fold.assign(at(-900))?.start).toBe(noon)
  })

  it('asks for what it may not have been given', () => {
    const fold = aFold({ knownFrom: noon })
    fold.doubtBefore(noon + 600)
    fold.doubtBefore(noon + 300)
    expect(fold.knownFrom).toBe(noon + 600)
    expect(fold.mustRecall(at(600 + gapS - 1))).toBe(true)
    expect(fold.mustRecall(at(600 + gapS))).toBe(false)
  })

  it('keeps within its limit even when all are active at the same time', () => {
    const fold = aFold({ sessionsMax: 10 })
    for (let visitor = 0; visitor < 100; visitor++) fold.assign(visit(visitor, 0))
    fold.forget(noon)
    expect(fold.size).toBe(0)
    expect(fold.mustRecall(at(1))).toBe(true)
  })
})

function visit(visitor: number, second: number): EnrichedEvent {
  return at(second, { userId: visitor.toString(16).padStart(16, '0') })
}

describe('the fold', () => {
  it('gives the sessions of the rules, whatever it forgets and however often it is restored', () => {
    fc.assert(
      fc.property(
        fc.array(anyEvent, { maxLength: 120, size: 'max' }),
        fc.array(anyStretch, { minLength: 1, maxLength: 20, size: 'max' }),
        (events, stretches) => {
          const log = logOf(events)
          expect(foldInStretches(log, stretches)).toEqual(referenceLabels(log, gapS))
        },
      ),
      { numRuns: 1000 },
    )
  })
})

/** Mostly a clock that goes on in steps around the gap; some late, some far off, such as an import or a wrong clock. */
const anyEvent = fc.record({
  site: fc.constantFrom('a.com', 'a.com', 'b.com'),
  user: fc.integer({ min: 0, max: 2 }),
  isNextDay: fc.boolean(),
  name: fc.constantFrom('pageview', 'pageview', 'engagement', 'Purchase'),
  step: fc.constantFrom(0, 1, 60, 300, 600, 899, 900),
  overrides: fc.constantFrom<OverridableColumn[][]>([], [], [], ['country', 'city'], ['city'], ['device']),
  offset: fc.oneof(
    { weight: 12, arbitrary: fc.constant(0) },
    { weight: 4, arbitrary: fc.integer({ min: -8000, max: 0 }) },
    { weight: 1, arbitrary: fc.constantFrom(-9_000_000, -400_000, 9_000_000) },
  ),
})

type AnyEvent = typeof anyEvent extends fc.Arbitrary<infer T> ? T : never

function logOf(events: readonly AnyEvent[]): EnrichedEvent[] {
  let clock = 0
  return events.map(({ site, user, isNextDay, name, step, offset, overrides }, index) => {
    clock += step
    const ids = [`00000000000000a${user}`, `00000000000000b${user}`, `00000000000000c${user}`] as const
    const [userId, previousUserId] = isNextDay ? [ids[2], ids[1]] : [ids[1], ids[0]]
    const touch = { source: `event ${index}`, country: `C${index}`, city: `c${index}`, device: `d${index}` }
    const event = at(clock + offset, { site, name, userId, previousUserId, ...touch })
    return overrides.length === 0 ? event : { ...event, overrides }
  })
}

const anyStretch = fc.record({
  length: fc.integer({ min: 1, max: 30 }),
  /** Events that are looked up and assigned at once; what is found is what was stored before the stretch. */
  turn: fc.constantFrom(1, 2, 5, 30),
  /** A restart before the stretch. */
  restarts: fc.boolean(),
  /** Crashes after the stretch: it is folded again by a successor. */
  repeats: fc.constantFrom(0, 0, 0, 1, 2),
  /** How far before the median of a stretch it forgets, and a successor restores. */
  keptS: fc.integer({ min: 0, max: 6000 }),
  sessionsMax: fc.constantFrom(0, 3, 100, 100, 100),
})

type Stretch = typeof anyStretch extends fc.Arbitrary<infer T> ? T : never

interface Row {
  readonly event: EnrichedEvent
  readonly session: Session
}

/** The fold as the sink drives it, with rows in place of ClickHouse; stretches come round again until the log ends. */
function foldInStretches(log: readonly EnrichedEvent[], stretches: readonly Stretch[]): string[] {
  const rows: Row[] = []
  const labels: string[] = []
  let fold = aFold({ sessionsMax: 100 })
  for (let from = 0, round = 0; from < log.length; round++) {
    const { length, turn, keptS, repeats, restarts, sessionsMax } = stretches[round % stretches.length]!
    const batch = log.slice(from, from + length)
    const timestamps = batch.map(({ timestamp }) => timestamp).toSorted()
    const horizon = timestamps[timestamps.length >> 1]! - keptS
    if (restarts) fold = restored(rows, horizon, sessionsMax)
    const outcome = foldInTurns(fold, { batch, turn }, rows)
    for (let repeat = 0; repeat < repeats; repeat++) {
      fold = restored(rows, horizon, sessionsMax)
      expect(foldInTurns(fold, { batch, turn }, rows).labels).toEqual(outcome.labels)
    }
    labels.push(...outcome.labels)
    rows.push(...outcome.rows)
    fold.forget(horizon)
    from += batch.length
  }
  return labels
}

function restored(rows: readonly Row[], knownFrom: number, sessionsMax: number): SessionFold {
  const fold = aFold({ knownFrom, sessionsMax })
  fold.restore(stored(rows, ({ event }) => event.timestamp >= knownFrom))
  return fold
}

function foldInTurns(
  fold: SessionFold,
  { batch, turn }: { readonly batch: readonly EnrichedEvent[]; readonly turn: number },
  rows: readonly Row[],
): { labels: string[]; rows: Row[] } {
  const turns: ReturnType<typeof foldTurn>[] = []
  for (let at = 0; at < batch.length; at += turn) turns.push(foldTurn(fold, batch.slice(at, at + turn), rows))
  return { labels: turns.flatMap(({ labels }) => labels), rows: turns.flatMap((outcome) => outcome.rows) }
}

function foldTurn(fold: SessionFold, batch: readonly EnrichedEvent[], rows: readonly Row[]) {
  const recalled = batch.filter((event) => fold.mustRecall(event))
  const times = recalled.map(({ timestamp }) => timestamp)
  const ids = new Set(recalled.flatMap(({ userId, previousUserId }) => [userId, previousUserId]))
  const [from, to] = [Math.min(...times) - gapS, Math.max(...times) + gapS]
  fold.recall(
    stored(rows, ({ event, session }) => {
      return ids.has(session.userId) && event.timestamp >= from && event.timestamp <= to
    }),
  )
  // A session goes on changing: each row has its own.
  const outcomes = batch.map((event) => {
    const session = fold.assign(event)
    return { event, session: session && { ...session } }
  })
  return {
    labels: outcomes.map(({ session }) => sessionLabel(session)),
    rows: outcomes.flatMap(({ event, session }) => (session === undefined ? [] : [{ event, session }])),
  }
}

/** What the queries of `events` give of the sessions that have such rows: as the newest of all their rows says. */
function stored(rows: readonly Row[], isWanted: (row: Row) => boolean): StoredSession[] {
  const keyOf = ({ event, session }: Row) => `${event.site} ${session.userId} ${session.start}`
  const wanted = new Set(rows.filter(isWanted).map(keyOf))
  const sessions = new Map<string, StoredSession>()
  for (const row of rows) {
    const lastActivity = Math.max(row.event.timestamp, sessions.get(keyOf(row))?.lastActivity ?? 0)
    if (wanted.has(keyOf(row)))
      sessions.set(keyOf(row), { ...row.session, site: row.event.site, lastActivity })
  }
  return [...sessions.values()]
}
