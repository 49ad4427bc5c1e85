import { decodeRawEvent, encodeRawEvent, topics } from '@millrace/events'
import { aRawEvent } from '@millrace/events/testing'
import { describe, expect, it } from 'vitest'
import { fromSpill, placedAmong, toSpill } from './record.ts'

const aRecord = (partition: number) => ({
  topic: topics.raw,
  partition,
  key: Buffer.from('example.com\nv-1'),
  value: encodeRawEvent(aRawEvent({ producerId: 'p', producerSequence: 7 })),
})

describe('a spilled record', () => {
  it.each([
    ['with a key', aRecord(70_000)],
    ['with an empty key', { ...aRecord(0), key: Buffer.alloc(0) }],
    ['without a key', { ...aRecord(3), topic: topics.books, key: null }],
  ])('comes back as it went, %s', (_, record) => {
    expect(fromSpill(toSpill(record))).toEqual(record)
  })

  it.each([4, 8, 100])('stays in its partition 3 in a topic of %i', (partitions) => {
    const record = aRecord(3)
    expect(placedAmong(record, partitions)).toBe(record)
  })

  it('goes by its key in a topic of fewer partitions, apart from other partitions’ sequences', () => {
    const placed = [aRecord(6), aRecord(7)].map((record) => placedAmong(record, 2))
    expect(new Set(placed.map(({ partition }) => partition)).size).toBe(1)
    const [first, second] = placed.map(({ value }) => decodeRawEvent(value))
    expect([first?.producerSequence, second?.producerSequence]).toEqual([7, 7])
    expect(first?.producerId).not.toBe(second?.producerId)
    expect(placed[0]?.partition).toBeLessThan(2)
  })

  it('that cannot be decoded keeps its bytes', () => {
    const record = { ...aRecord(6), value: Buffer.from('not an event') }
    expect(placedAmong(record, 2).value).toEqual(record.value)
  })
})
