import { describe, expect, it } from 'vitest'
import { topics } from '@millrace/events'
import { selectionOf } from './dead-letters.ts'
import { lettersOf } from './letter.ts'

const { raw, enriched, deadLetter } = topics

describe('selectionOf', () => {
  it.each([
    { args: [], selection: { topics: [], places: [] } },
    { args: ['sink'], selection: { topics: [enriched], places: [] } },
    { args: ['enricher', 'sink'], selection: { topics: [raw, enriched], places: [] } },
    { args: ['3-17'], selection: { topics: [], places: [{ topic: raw, partition: 3, offset: 17 }] } },
    {
      args: ['0-1', enriched, '3-17', '3-18', deadLetter, '1-2'],
      selection: {
        topics: [],
        places: [
          { topic: raw, partition: 0, offset: 1 },
          { topic: enriched, partition: 3, offset: 17 },
          { topic: enriched, partition: 3, offset: 18 },
          { topic: deadLetter, partition: 1, offset: 2 },
        ],
      },
    },
  ])('reads $args', ({ args, selection }) => {
    expect(selectionOf(args)).toEqual(selection)
  })

  it.each([
    [['producer']],
    [['3']],
    [['3-x']],
    [[enriched]],
    [['sink', '3-17']],
    [['millrace.salts.x', '3-17']],
  ])('refuses %j', (args) => {
    expect(() => selectionOf(args)).toThrow()
  })
})

describe('lettersOf', () => {
  it('leaves out what was sent again, and goes on behind a place', () => {
    const after = { topic: raw, partition: 1, offset: 2 }
    expect(lettersOf({ topics: [enriched], places: [] }, after)).toBe(
      "FROM dead_letters FINAL WHERE stage != 'requeued' AND topic IN ('millrace.events.enriched')" +
        " AND (topic, kafka_partition, kafka_offset) > ('millrace.events.raw', 1, 2)",
    )
  })
})
