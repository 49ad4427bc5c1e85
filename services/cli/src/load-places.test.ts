import { describe, expect, it } from 'vitest'
import { Places, type StoredWord } from './load-places.ts'

const nothing = { events: 0, dropped: 0, deadLetters: 0, doubled: 0, unnamed: 0 }

function places(...receipts: string[]): Places {
  const named = new Places()
  for (const receipt of receipts) named.add(receipt)
  return named
}

/** A word of partition 3; masks by offset within it. */
function aWord(changes: Partial<StoredWord>): StoredWord {
  const word = {
    partition: 3,
    word: 2,
    events: 0,
    dropped: 0,
    deadLetters: 0,
    marked: 0,
    rows: 0,
    ...changes,
  }
  return { ...word, rows: changes.rows ?? [word.events, word.dropped, word.deadLetters].join('').length }
}

const at = (...offsets: number[]): number => offsets.reduce((mask, offset) => (mask | (1 << offset)) >>> 0, 0)

describe('places', () => {
  it('are counted once each, and name those that two receipts name', () => {
    const named = places('3-64,3-65', '3-95', '0-64', '3-65', '3-4294967360')
    expect(named.size).toBe(5)
    expect(named.repeated).toBe(1)
    expect(named.spans()).toEqual([
      { partition: 3, first: 64, last: 4_294_967_391 },
      { partition: 0, first: 64, last: 95 },
    ])
  })

  it('are found in events, drops and dead letters', () => {
    const named = places('3-64,3-65,3-66,3-95')
    const stored = aWord({ events: at(0, 31), dropped: at(1), deadLetters: at(2), rows: 4 })
    expect(named.findIn([stored])).toEqual({ ...nothing, events: 2, dropped: 1, deadLetters: 1 })
  })

  it('are lost where no table has them', () => {
    const found = places('3-64,3-65').findIn([aWord({ events: at(0), rows: 1 })])
    expect(found).toEqual({ ...nothing, events: 1 })
  })

  it.each([
    ['a table has two rows of', { events: at(0, 31), rows: 3 }],
    ['two tables have', { events: at(0, 31), dropped: at(31), rows: 3 }],
  ])('are doubled where %s one', (_, stored) => {
    expect(places('3-64,3-95').findIn([aWord(stored)])).toMatchObject({ doubled: 1, events: 2, dropped: 0 })
  })

  it('leave out what others sent', () => {
    const others = aWord({ events: at(0, 5, 6), dropped: at(7), rows: 4 })
    expect(places('3-64').findIn([others, { ...others, word: 9 }, { ...others, partition: 1 }])).toEqual({
      ...nothing,
      events: 1,
    })
  })

  it('tell which of the run no receipt named', () => {
    const found = places('3-64').findIn([aWord({ events: at(0, 5), marked: at(0, 5), rows: 2 })])
    expect(found).toEqual({ ...nothing, events: 1, unnamed: 1 })
  })
})
